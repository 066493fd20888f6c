import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	cpSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stream, Streams } from '../src/core/random.ts';
import { type Asked, commandLines, type Outcome } from './folder-programs.ts';
import { entriesOf, type Hostile, hostiles } from './hostile-files.ts';

/** How many inputs, drawn by which seed, in which empty folder. */
export interface FuzzOptions {
	readonly folder: string;
	readonly inputs: number;
	readonly seed: number;
	readonly say?: (text: string) => void;
	/** Only command lines that begin so. */
	readonly only?: (line: readonly string[]) => boolean;
}

/** What was found. */
export interface FuzzReport {
	readonly problems: readonly string[];
	readonly byCode: ReadonlyMap<number, number>;
	readonly slowest: number;
	readonly largest: number;
}

const longestMs = 5000;
const mostBytes = 1e9;
/** Files that programs keep beside runs. */
const treeFiles = ['.gimlet-index.json', 'tune_lr/small/manifest.json'];
const documented = new Set([0, 1, 2, 3, 4, 5, 75]);

interface Tree {
	readonly tree: string;
	readonly run: string;
	readonly good: string;
	readonly config: string;
	readonly outside: string;
}

/** Puts a hostile value in the place of a file of a run, asks a program that reads it, and looks at how it ends. */
export async function fuzzFolders({ folder, inputs, seed, say = () => {}, only }: FuzzOptions): Promise<FuzzReport> {
	const random = new Streams(seed).stream('folders');
	const worker = new Worker();
	const problems: string[] = [];
	const byCode = new Map<number, number>();
	let [slowest, largest] = [0, 0];
	try {
		const model = await modelRun(folder, worker);
		const before = treeHash(model.outside);
		const cases = drawn(model, inputs, random, only);
		for (const [at, { file, hostile, line }] of cases.entries()) {
			const place = freshTree(model);
			const title = `input ${at}: ${file} ${hostile.name}, ${line.join(' ')}`;
			try {
				hostile.apply(join(place.tree, file), place.outside, random);
				const found = await worker.ask(asked(line, place));
				for (const problem of judge(found, file, line, place)) {
					say(`${title}: ${problem}`);
					problems.push(`${title}: ${problem}`);
				}
				byCode.set(found?.code ?? -1, (byCode.get(found?.code ?? -1) ?? 0) + 1);
				slowest = Math.max(slowest, found?.ms ?? longestMs);
				largest = Math.max(largest, found?.rss ?? 0);
			} catch (error) {
				problems.push(`${title}: ${(error as Error).message}`);
			}
			if (treeHash(place.outside) !== before) {
				problems.push(`${title}: something outside was changed`);
				rmSync(model.outside, { recursive: true });
				makeOutside(model.outside);
			}
			if ((at + 1) % 50 === 0) {
				say(`${at + 1} inputs, ${problems.length} problems`);
			}
		}
	} finally {
		worker.end();
	}
	return { problems, byCode, slowest, largest };
}

interface Case {
	readonly file: string;
	readonly hostile: Hostile;
	readonly line: readonly string[];
}

// Every command line and every file in turn, so that few inputs reach all of them too.
function drawn({ run }: Tree, inputs: number, random: Stream, only: FuzzOptions['only'] = () => true): Case[] {
	const files = [...entriesOf(run).map((file) => `bad/${file}`), ...treeFiles];
	const lines = commandLines.filter((line) => only(line));
	const order = random.permutation(files.length * lines.length);
	return Array.from({ length: inputs }, (_, i) => {
		const place = order[i % order.length]!;
		const file = files[place % files.length]!;
		const fitting = hostiles.filter(({ fits }) => fits(basename(file)));
		return { file, hostile: fitting[random.int(fitting.length)]!, line: lines[Math.floor(place / files.length)]! };
	});
}

function judge(
	found: (Outcome & { readonly ms: number; readonly rss: number }) | undefined,
	file: string,
	line: readonly string[],
	{ good, run }: Tree,
): string[] {
	if (found === undefined) {
		return [`it did not end within ${longestMs} ms`];
	}
	const { code, out, err, ms, rss } = found;
	const text = `${out}\n${err}`;
	const problems: string[] = [];
	if (!documented.has(code) || /unexpected|\n\s+at \S+ \(/u.test(err)) {
		problems.push(`code ${code}: ${err.slice(0, 300)}`);
	}
	const isAnswer = /No run has a value "constructor"/u.test(err);
	// What is looked for among files of other names is said to be missing there.
	const isMissing = line[0] === 'prepare' && text.includes(basename(run));
	if (
		code !== 0 &&
		!isAnswer &&
		!isMissing &&
		!text.split('\n').some((one) => file.split('/').some((part) => one.includes(part)))
	) {
		problems.push(`code ${code}, and no line names the file: ${text.slice(0, 300)}`);
	}
	const isTable = ['list', 'export'].includes(line[1]!) || line.includes('--runs');
	if (isTable && !isAnswer && !out.includes(basename(good))) {
		problems.push(`the healthy neighbour is not shown: ${text.slice(0, 300)}`);
	}
	if (rss > mostBytes) {
		problems.push(`${Math.round(rss / 1e6)} MB of memory`);
	}
	if (ms > longestMs) {
		problems.push(`${Math.round(ms)} ms`);
	}
	return problems;
}

function asked([program, ...args]: readonly string[], place: Tree): Asked {
	const values: Readonly<Record<string, string>> = {
		TREE: place.tree,
		RUN: place.run,
		GOOD: place.good,
		CONFIG: place.config,
		DATA: join(place.tree, 'data'),
	};
	return {
		program: program!,
		args: args.map((word) => word.replace(/^[A-Z]+/u, (name) => values[name] ?? name)),
		cwd: place.tree,
		env: { RESULTS_DIR: place.tree },
	};
}

// A run that was ended by a limit, so that there is something to go on with, and that met a step to replay.
async function modelRun(folder: string, worker: Worker): Promise<Tree> {
	const model = join(folder, 'model');
	const outside = join(folder, 'outside');
	mkdirSync(model);
	makeOutside(outside);
	const config = join(folder, 'small.gin');
	writeFileSync(config, settings);
	const run = join(model, 'bad');
	const other = join(folder, 'diverging');
	for (const [path, more] of [
		[run, ''],
		[other, "#training_loop.on_nan = 'skip' # adam.learning_rate = 1e30"],
	] as const) {
		const args = [path, config, '-b', `training_loop.max_steps = 8${more}`];
		const made = await worker.ask({ program: 'train', args, cwd: folder }, 60_000);
		if (made?.code !== 0) {
			throw new Error(`The run to be damaged cannot be made: ${made?.err}`);
		}
	}
	cpSync(join(other, 'diagnostics'), join(run, 'diagnostics'), { recursive: true });
	writeFileSync(join(run, 'run.lock'), lockOfTheDead());
	cpSync(run, join(model, 'healthy'), { recursive: true, verbatimSymlinks: true });
	rmSync(join(model, 'healthy', 'run.lock'));
	makeExperiment(join(model, 'tune_lr', 'small'));
	await worker.ask({ program: 'runs', args: ['reindex', model], cwd: folder }, 60_000);
	return { tree: model, run, good: join(model, 'healthy'), config, outside };
}

function makeExperiment(variant: string): void {
	mkdirSync(variant, { recursive: true });
	const jobs = ['bad', 'healthy'].map((name, seed) => {
		symlinkSync(join('..', '..', name), join(variant, name));
		return { id: name, point: { 'train.seed': seed }, texts: { 'train.seed': `${seed}` }, config: 'c', run: name };
	});
	const manifest = {
		...{ schema: 'gimlet.manifest/1', experiment: 'tune_lr', variant: 'small', question: '', metric: 'valid/accuracy' },
		...{ direction: 'max', axes: ['train.seed'], baseline: null, jobs },
	};
	writeFileSync(join(variant, 'manifest.json'), JSON.stringify(manifest));
}

const settings = `
train.model = 'mlp'
train.dataset = 'blobs'
train.batch_size = 20
train.default_callbacks = ['csv_logger', 'tensorboard', 'model_checkpoint', 'meta_saver', 'heartbeat']
blobs.n = 120
mlp.units = [4]
csv_logger.steps_every = '1 steps'
training_loop.n_epochs = 3
device.threads = 1
`;

function lockOfTheDead(): string {
	const nobody = { host: hostname(), pid: 1, boot_id: 'before', pid_namespace: '', process_start: '', job_id: '' };
	return JSON.stringify({ schema: 'gimlet.lease/1', token: 'f'.repeat(32), ...nobody, since: '2020-01-01T00:00:00Z' });
}

function makeOutside(outside: string): void {
	mkdirSync(join(outside, 'eval'), { recursive: true });
	writeFileSync(join(outside, 'mine.txt'), 'mine\n');
	writeFileSync(join(outside, 'eval', 'mine.json'), '{}');
}

function freshTree(model: Tree): Tree {
	const tree = `${model.tree}-tried`;
	rmSync(tree, { recursive: true, force: true });
	cpSync(model.tree, tree, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
	return { ...model, tree, run: join(tree, 'bad'), good: join(tree, 'healthy') };
}

function treeHash(folder: string): string {
	const hash = createHash('sha256');
	for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
		const path = join(folder, name);
		const stats = lstatSync(path);
		const content = stats.isFile() ? readFileSync(path, 'latin1') : stats.isSymbolicLink() ? readlinkSync(path) : '';
		hash.update(`${name} ${stats.mode} ${stats.mtimeMs} ${content}\n`);
	}
	return hash.digest('hex');
}

/** A process that runs programs, replaced where one of them does not end. */
class Worker {
	#child: ChildProcess | undefined;
	#served = 0;

	/** How a program ends; undefined where it does not in time. */
	async ask(asked: Asked, ms = longestMs): Promise<(Outcome & { ms: number; rss: number }) | undefined> {
		const child = await this.#ready();
		return new Promise((resolve) => {
			const done = (found: (Outcome & { ms: number; rss: number }) | undefined) => {
				clearTimeout(timer);
				child.removeAllListeners();
				if (found === undefined) {
					this.end();
				}
				resolve(found);
			};
			// Loaded machines are slow: that a program took too long is judged by its own clock where it ends at all.
			const timer = setTimeout(() => done(undefined), 4 * ms);
			child.once('message', (found) => done(found as Outcome & { ms: number; rss: number }));
			child.once('exit', () => done(undefined));
			child.send(asked);
		});
	}

	end(): void {
		this.#child?.kill('SIGKILL');
		this.#child = undefined;
	}

	// Afresh from time to time, so that no program suffers from what a hundred others have left.
	async #ready(): Promise<ChildProcess> {
		this.#served += 1;
		if (this.#served % 200 === 0) {
			this.end();
		}
		if (this.#child === undefined) {
			const script = fileURLToPath(new URL('folder-worker.ts', import.meta.url));
			this.#child = fork(script, { execArgv: ['--import=tsx'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
		}
		return this.#child;
	}
}
