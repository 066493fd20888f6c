import {
	appendFileSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Stream } from '../src/core/random.ts';

/** Something that happens to a run folder between two sessions. */
export interface Damage {
	readonly name: string;
	apply(run: string): void;
}

/** `last`, cut off at `count` random places of its files. */
export function truncations(run: string, count: number, random: Stream): Damage[] {
	const files = filesOfLast(run);
	return Array.from({ length: count }, () => {
		const { name, size } = files[random.int(files.length)]!;
		const bytes = random.int(size);
		return {
			name: `${name} cut off at byte ${bytes} of ${size}`,
			apply: (folder) => truncateSync(join(lastOf(folder), name), bytes),
		};
	});
}

/** Every file of `last` with one bit turned at a random place, emptied, and removed; and the folder itself removed. */
export function changes(run: string, random: Stream): Damage[] {
	const each = filesOfLast(run).flatMap(({ name, size }): Damage[] => {
		const at = random.int(size);
		const bit = 1 << random.int(8);
		return [
			{
				name: `${name} with a bit turned in byte ${at}`,
				apply: (folder) => {
					const data = readFileSync(join(lastOf(folder), name));
					data[at]! ^= bit;
					writeFileSync(join(lastOf(folder), name), data);
				},
			},
			{ name: `${name} emptied`, apply: (folder) => truncateSync(join(lastOf(folder), name)) },
			{ name: `${name} removed`, apply: (folder) => rmSync(join(lastOf(folder), name)) },
		];
	});
	return [
		...each,
		{ name: 'the folder of last removed', apply: (folder) => rmSync(lastOf(folder), { recursive: true }) },
	];
}

const wrongPointers: ReadonlyArray<readonly [string, (path: string) => void]> = [
	['missing', () => {}],
	['leading nowhere', (path) => symlinkSync('step-99999999', path)],
	['leading to itself', (path) => symlinkSync('last', path)],
	['a file', (path) => writeFileSync(path, 'step-00000001\n')],
	['an empty file', (path) => writeFileSync(path, '')],
	['an empty folder', (path) => mkdirSync(path)],
];

/** The link `last` in every wrong state. */
export const pointers: readonly Damage[] = wrongPointers.map(([name, make]) => ({
	name: `last is ${name}`,
	apply: (folder) => {
		const path = join(folder, 'checkpoints', 'last');
		rmSync(path, { recursive: true });
		make(path);
	},
}));

/** Tables and event files with an end that no writer meant. */
export const tails: readonly Damage[] = [
	...['history.csv', 'steps.csv'].flatMap((table): Damage[] => [
		{ name: `${table} torn in its last row`, apply: (folder) => cut(join(folder, table), 7) },
		{ name: `${table} torn in its middle`, apply: (folder) => cut(join(folder, table), 0.5) },
		{ name: `${table} torn in its header`, apply: (folder) => truncateSync(join(folder, table), 5) },
		{ name: `${table} emptied`, apply: (folder) => truncateSync(join(folder, table)) },
		{ name: `${table} removed`, apply: (folder) => rmSync(join(folder, table)) },
		{ name: `${table} with half a character`, apply: add(table, Buffer.from('9,"ä').subarray(0, 4)) },
		{ name: `${table} with an open quote`, apply: add(table, '9,"1\n2\n') },
		{ name: `${table} with a line of nothing known`, apply: add(table, 'what,is\nthis\n') },
		{ name: `${table} with zeros`, apply: add(table, Buffer.alloc(4096)) },
		{ name: `${table} with zeros and a line`, apply: add(table, `${'\0'.repeat(300)}\n1,2\n`) },
		{ name: `${table} with a row too many`, apply: (folder) => add(table, lastLine(join(folder, table)))(folder) },
	]),
	{ name: 'the event file torn in its last record', apply: (folder) => cut(eventFile(folder), 9) },
	{ name: 'the event file torn in its middle', apply: (folder) => cut(eventFile(folder), 0.5) },
	{ name: 'the event file with zeros', apply: (folder) => appendFileSync(eventFile(folder), Buffer.alloc(999)) },
	{ name: 'the event file with text', apply: (folder) => appendFileSync(eventFile(folder), 'no event\n') },
];

function lastOf(run: string): string {
	const link = join(run, 'checkpoints', 'last');
	return lstatSync(link).isSymbolicLink() ? join(run, 'checkpoints', readlinkSync(link)) : link;
}

function filesOfLast(run: string): Array<{ name: string; size: number }> {
	const folder = lastOf(run);
	return readdirSync(folder)
		.sort()
		.map((name) => ({ name, size: lstatSync(join(folder, name)).size }));
}

// A number below 1: so much of the file is left; else so many bytes less.
function cut(path: string, much: number): void {
	const { size } = lstatSync(path);
	truncateSync(path, much < 1 ? Math.floor(size * much) : size - much);
}

function add(file: string, data: string | Uint8Array): (folder: string) => void {
	return (folder) => appendFileSync(join(folder, file), data);
}

function lastLine(path: string): string {
	return `${readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)}\n`;
}

function eventFile(folder: string): string {
	return join(folder, 'tb', readdirSync(join(folder, 'tb'))[0]!);
}
