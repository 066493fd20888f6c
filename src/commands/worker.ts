import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Command } from 'commander';
import { type ExitCode, UsageError } from '../core/errors.ts';
import type { WorkDone, WorkOrder } from '../jobs/warm-pool.ts';
import { type Program, run } from './main.ts';
import { projectRoot } from './training-config.ts';

// The programs that leave nothing behind in their process but loaded code.
const programs: Readonly<Record<string, () => Promise<Program>>> = {
	train: async () => (await import('./train.ts')).train,
	evaluate: async () => (await import('./evaluate.ts')).evaluate,
	summary: async () => (await import('./summary.ts')).summary,
};

/** The command that starts a worker, for `WarmPool`. */
export const workerCommand: readonly string[] = [
	join(projectRoot, 'scripts/launch.sh'),
	join(projectRoot, 'bin/jobs.ts'),
	'worker',
];

/** Whether a worker can run a command: a program of this repository, with no plug-in of its own. */
export function workerKnows([path = '', ...args]: readonly string[], cwd: string): boolean {
	const name = basename(path, '.ts');
	if (!path.includes('/') || !Object.hasOwn(programs, name) || args.some((word) => word.startsWith('--plugin'))) {
		return false;
	}
	try {
		return (
			realpathSync(path.startsWith('/') ? path : join(cwd, path)) === realpathSync(`${projectRoot}/bin/${name}.ts`)
		);
	} catch {
		// A missing file is the shell's to report.
		return false;
	}
}

/** `jobs worker`: runs programs in this process, one order at a time, until the channel closes. */
export function defineWorker(program: Command): void {
	program.command('worker', { hidden: true }).action(async () => {
		if (process.send === undefined) {
			throw new UsageError('jobs.worker', 'jobs worker is started by jobs run --workers warm, not by hand.');
		}
		await serve(process.send.bind(process));
	});
}

async function serve(answer: (done: WorkDone) => void): Promise<void> {
	// Whoever runs the list has an order ready by the time this is loaded.
	const { train } = await import('./train.ts');
	programsLoaded.set('train', train);
	let order = Promise.resolve();
	process.on('message', (next: WorkOrder) => {
		order = order.then(() => carryOut(next)).then((done) => void (process.connected && answer(done)));
	});
	await new Promise<void>((done) => process.once('disconnect', done));
	await order;
}

const programsLoaded = new Map<string, Program>();

async function carryOut({ argv: [path, ...args], cwd, env, mark }: WorkOrder): Promise<WorkDone> {
	const name = basename(path!, '.ts');
	const program = programsLoaded.get(name) ?? (await programs[name]!());
	programsLoaded.set(name, program);
	const { declared } = await import('../registry/registry.ts');
	const { loadComponents } = await import('./training-config.ts');
	await loadComponents();
	const known = declared.all().length;
	const forget = takeOn(name, args, cwd, env);
	let code: ExitCode;
	try {
		code = await run(program, args, { stdout: process.stdout, stderr: process.stderr, exitCode: 0 });
		if (code === 0 && typeof process.exitCode === 'number') {
			code = process.exitCode as ExitCode;
		}
	} finally {
		forget();
	}
	await Promise.all([process.stdout, process.stderr].map((stream) => written(stream, mark)));
	// What a plug-in has declared, another job must not see.
	return { code, last: declared.all().length !== known };
}

// Makes this process look like one of the program's own, and returns what undoes it.
function takeOn(name: string, args: readonly string[], cwd: string, env: WorkOrder['env']): () => void {
	const before = { argv: process.argv, cwd: process.cwd(), env: { ...process.env } };
	const handlers = signals.map((signal) => [signal, process.listeners(signal)] as const);
	const self = process.argv[1]!;
	process.argv = [process.argv[0]!, join(dirname(self), `${name}${extname(self)}`), ...args];
	process.chdir(cwd);
	const loader = before.env['TSX_TSCONFIG_PATH'];
	setEnvironment(loader === undefined ? env : { ...env, TSX_TSCONFIG_PATH: loader });
	return () => {
		process.argv = before.argv;
		process.chdir(before.cwd);
		setEnvironment(before.env);
		process.exitCode = undefined;
		for (const [signal, kept] of handlers) {
			for (const listener of process.listeners(signal)) {
				if (!kept.includes(listener)) {
					process.off(signal, listener);
				}
			}
		}
		for (const stream of [process.stdout, process.stderr]) {
			// Each program adds one for a reader that has gone.
			stream
				.listeners('error')
				.slice(1)
				.forEach((listener) => void stream.off('error', listener as () => void));
		}
	};
}

const signals = ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const;

function setEnvironment(env: Readonly<Record<string, string | undefined>>): void {
	for (const name of Object.keys(process.env)) {
		if (env[name] === undefined) {
			delete process.env[name];
		}
	}
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && process.env[name] !== value) {
			process.env[name] = value;
		}
	}
}

function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
	return new Promise((done) => stream.write(text, () => done()));
}
