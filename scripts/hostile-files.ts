import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Stream } from '../src/core/random.ts';

/** What a hostile hand, a broken disk or a careless script puts in the place of a file of a run folder. */
export interface Hostile {
	readonly name: string;
	/** Whether it is for a file of such a name. */
	fits(file: string): boolean;
	/** `outside`: a folder that nobody may change. */
	apply(path: string, outside: string, random: Stream): void;
}

const any = () => true;
const isJson = (file: string) => file.endsWith('.json') || file === 'run.lock' || file === 'HEARTBEAT';
const isTable = (file: string) => file.endsWith('.csv');

/** Files of a run folder, relative to it, and the folders and links in it. */
export function entriesOf(run: string): string[] {
	return readdirSync(run, { recursive: true, encoding: 'utf8' }).sort();
}

const irregular: ReadonlyArray<readonly [string, (path: string, outside: string) => void]> = [
	['missing', () => {}],
	['a folder', (path) => mkdirSync(path)],
	['a pipe', (path) => void execFileSync('mkfifo', [path])],
	['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path)],
	['a link to a file outside', (path, outside) => symlinkSync(join(outside, 'mine.txt'), path)],
	['a link to a folder outside', (path, outside) => symlinkSync(outside, path)],
	['a link that leads nowhere', (path) => symlinkSync('nowhere', path)],
	['a link to itself', (path) => symlinkSync('../'.repeat(9) + path.slice(1), path)],
	['a link to the run', (path) => symlinkSync('.', path)],
];

const texts: ReadonlyArray<readonly [string, string | Uint8Array, ((file: string) => boolean)?]> = [
	['empty', ''],
	['null', 'null\n'],
	['a number', '7'],
	['a list', '[]'],
	['an object', '{}'],
	['a hundred thousand brackets', '['.repeat(100_000)],
	['a hundred thousand objects', '{"a":'.repeat(100_000)],
	['a text that never ends', '"'.padEnd(1_000_000, 'x')],
	['names of prototypes', '{"__proto__":{"a":1},"constructor":{"prototype":1},"schema":"gimlet.status/1"}'],
	['control characters', '{"schema":"\u001b[2J\\u001b]0;x\\u0007\\nFORGED"}\n\u001b[2Jx,\u202ey\n'],
	['zeros', Buffer.alloc(100_000)],
	['noise', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) % 256))],
	['an open quote', 'epoch,step\n"0,1\n'.repeat(5000), isTable],
	['quotes where none may be', 'epoch,step\na"b,c"d\n', isTable],
	['names of prototypes as columns', 'epoch,constructor,__proto__,toString\n0,1,2,3\n', isTable],
	['formulas', 'epoch,=cmd()\n0,@x\n', isTable],
	['nothing but line breaks', '\n'.repeat(1_000_000), isTable],
];

const made: ReadonlyArray<readonly [string, (path: string, random: Stream) => void, ((file: string) => boolean)?]> = [
	[
		'of a terabyte',
		(path) => {
			writeFileSync(path, '');
			truncateSync(path, 2 ** 40);
		},
	],
	['cut off', (path, random) => truncateSync(path, random.int(Math.max(1, lstatSync(path).size)))],
	['with a bit turned', turnBit],
	['with an end of something else', (path) => appendFileSync(path, '\0\0"{,\nx')],
	['of 50,000 columns', (path) => writeFileSync(path, wide(50_000)), isTable],
	['of a row of 20 megabytes', (path) => appendFileSync(path, `${'9'.repeat(20_000_000)},1\n`), isTable],
	['of a million rows', (path) => appendFileSync(path, '1,2\n'.repeat(1_000_000)), isTable],
	['of a later version', (path) => replaceText(path, /(gimlet\.[a-z]+)\/1/u, '$1/2'), isJson],
	...(['"abc"', '-1', '1e999', 'null', '[]', '{"a":1}', '"\\u001b[2J\\n"', '0.5', 'true', '""'] as const).map(
		(value) =>
			[`with ${value} in a field`, (path: string, random: Stream) => changeField(path, value, random), isJson] as const,
	),
];

/** Every hostile value. */
export const hostiles: readonly Hostile[] = [
	...irregular.map(([name, put]): Hostile => {
		const apply: Hostile['apply'] = (path, outside) => {
			rmSync(path, { recursive: true, force: true });
			put(path, outside);
		};
		return { name, fits: any, apply };
	}),
	...texts.map(([name, text, fits = any]): Hostile => {
		const apply: Hostile['apply'] = (path) => {
			rmSync(path, { recursive: true, force: true });
			writeFileSync(path, text);
		};
		return { name, fits, apply };
	}),
	...made.map(([name, change, fits = any]): Hostile => {
		const apply: Hostile['apply'] = (path, _outside, random) => {
			if (lstatSync(path).isFile()) {
				change(path, random);
			} else {
				rmSync(path, { recursive: true });
			}
		};
		return { name, fits, apply };
	}),
];

function turnBit(path: string, random: Stream): void {
	const bytes = readFileSync(path);
	if (bytes.length > 0) {
		bytes[random.int(bytes.length)]! ^= 1 << random.int(8);
	}
	writeFileSync(path, bytes);
}

function wide(count: number): string {
	const columns = Array.from({ length: count }, (_, i) => (i === 0 ? 'epoch' : `c${i}`));
	return `${columns.join()}\n${columns.map(() => '0').join()}\n`;
}

function replaceText(path: string, from: RegExp, to: string): void {
	writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

// In the text, so that values which JSON.stringify would not write can stand there.
function changeField(path: string, value: string, random: Stream): void {
	const text = readFileSync(path, 'utf8');
	const fields = [...text.matchAll(/"(?:[^"\\]|\\.)*":\s*("(?:[^"\\]|\\.)*"|[-\d.e+]+|null|true|false)/gu)];
	const field = fields[random.int(Math.max(1, fields.length))];
	if (field !== undefined) {
		const start = field.index + field[0].length - field[1]!.length;
		writeFileSync(path, text.slice(0, start) + value + text.slice(start + field[1]!.length));
	}
}
