import { createHash } from 'node:crypto';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The repository under test. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/u, '');

/** Seconds suffice for every program under test; one that hangs fails its test instead of the whole suite. */
const patience = 120_000;

/** What a program did. */
export interface Outcome {
	readonly code: number | undefined;
	readonly out: string;
	readonly err: string;
}

/** A folder of a test file's own, and programs run in it. */
export interface Scratch {
	readonly folder: string;
	/** A path inside the folder. */
	at(...names: string[]): string;
	/** Writes a file into the folder and returns its path. */
	write(name: string, content: string | Uint8Array): string;
	/** Runs `bin/<name>.ts` to its end. */
	run(name: string, ...args: string[]): Promise<Outcome>;
	/** Starts `bin/<name>.ts` and leaves it running. */
	start(name: string, ...args: string[]): Started;
	remove(): void;
}

export type Started = ReturnType<typeof startProgram>;

/** Makes a scratch folder; the test file removes it at its end. */
export function scratch(): Scratch {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-e2e-'));
	const at = (...names: string[]) => join(folder, ...names);
	return {
		folder,
		at,
		write(name, content) {
			mkdirSync(dirname(at(name)), { recursive: true });
			writeFileSync(at(name), content);
			return at(name);
		},
		async run(name, ...args) {
			return outcome(startProgram(folder, name, args));
		},
		start: (name, ...args) => startProgram(folder, name, args),
		remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
	};
}

/** Copies the working tree to `target`, as a clone would; what is installed is only linked, or left out. */
export function cloneTo(target: string, options: { readonly installed: boolean }): void {
	const skipped = new Set(['node_modules', '.git', 'results', 'data', 'build', '.cache']);
	for (const name of readdirSync(root)) {
		if (!skipped.has(name)) {
			cpSync(join(root, name), join(target, name), { recursive: true });
		}
	}
	mkdirSync(join(target, 'results'));
	if (options.installed) {
		linkPackages(join(target, 'node_modules'));
		// Last, for it counts while no source is newer.
		if (existsSync(join(root, 'build'))) {
			cpSync(join(root, 'build'), join(target, 'build'), { recursive: true });
		}
	}
}

// Package by package, and newer than the lock file: an installation in the clone can never reach through to ours.
function linkPackages(folder: string): void {
	mkdirSync(folder);
	for (const name of readdirSync(join(root, 'node_modules'))) {
		if (name !== '.cache' && name !== '.package-lock.json') {
			symlinkSync(join(root, 'node_modules', name), join(folder, name));
		}
	}
	writeFileSync(join(folder, '.package-lock.json'), '{}');
}

/** Waits for a started program's end. */
export async function outcome(started: Started): Promise<Outcome> {
	const { exitCode, stdout, stderr } = await started;
	return { code: exitCode, out: stdout, err: stderr };
}

/** Resolves once the program has written to stderr what matches; rejects where it ends before. */
export function until(started: Started, pattern: RegExp): Promise<void> {
	return new Promise((resolve, reject) => {
		let seen = '';
		started.stderr.on('data', (chunk) => {
			seen += String(chunk);
			if (pattern.test(seen)) {
				resolve();
			}
		});
		started.stderr.on('end', () => reject(new Error(`The program ended without ${pattern}:\n${seen}`)));
	});
}

/** A hash over every file, link and name below a folder: equal before and after means untouched. */
export function treeHash(folder: string): string {
	const hash = createHash('sha256');
	for (const name of treeOf(folder)) {
		hash.update(`${name}\n`);
	}
	return hash.digest('hex');
}

/** Stops a started program where it is; resolves once the copiers of its output have written what they still held. */
export async function freeze(started: Started, folder: string): Promise<void> {
	started.kill('SIGSTOP');
	for (let before = '', now = treeHash(folder); before !== now; now = treeHash(folder)) {
		before = now;
		await sleep(500);
	}
}

/** Everything below a folder, sorted: `name kind digest`. */
export function treeOf(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true, recursive: true })
		.map((entry) => {
			const path = join(entry.parentPath, entry.name);
			const content = entry.isSymbolicLink()
				? `-> ${readlinkSync(path)}`
				: entry.isFile()
					? sha256(readFileSync(path))
					: '/';
			return `${path.slice(folder.length + 1)} ${content}`;
		})
		.sort();
}

/** A table of a run, cell by cell, without the columns that hold times. */
export function withoutTimes(path: string): string {
	const [header = [], ...rows] = readFileSync(path, 'utf8')
		.split('\n')
		.map((line) => line.split(','));
	const kept = header.flatMap((name, column) => (name.startsWith('time/') ? [] : [column]));
	return [header, ...rows].map((row) => kept.flatMap((column) => row[column] ?? []).join(',')).join('\n');
}

/** One column of a run's `history.csv`, as text. */
export function column(run: string, name: string): string[] {
	const [header = '', ...rows] = readFileSync(join(run, 'history.csv'), 'utf8').trimEnd().split('\n');
	const at = header.split(',').indexOf(name);
	return rows.map((row) => row.split(',')[at] ?? '');
}

/** A JSON file of a run. */
export function json(run: string, file: string): Record<string, unknown> {
	return JSON.parse(readFileSync(join(run, file), 'utf8')) as Record<string, unknown>;
}

/** The weights of a checkpoint, as a digest. */
export function weights(run: string, checkpoint = 'last'): string {
	return sha256(readFileSync(join(run, 'checkpoints', checkpoint, 'weights.safetensors')));
}

/** A config that trains in a fraction of a second: an MLP on synthetic blobs. */
export const tiny = `
train.model = 'mlp'
train.dataset = 'blobs'
train.batch_size = 16
mlp.units = [8]
mlp.dropout = 0.2
blobs.n = 120
device.threads = 1
training_loop.n_epochs = 3
`;

function startProgram(folder: string, name: string, args: readonly string[]) {
	const env = { ...process.env, DATA_DIR: join(folder, 'data') };
	return execa(join(root, 'bin', `${name}.ts`), args, {
		cwd: folder,
		env,
		reject: false,
		stdin: 'ignore',
		timeout: patience,
		killSignal: 'SIGKILL',
	});
}

function sha256(content: Uint8Array): string {
	return createHash('sha256').update(content).digest('hex');
}
