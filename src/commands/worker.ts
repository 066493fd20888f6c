import { closeSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { type ExitCode, UsageError } from '../core/errors.ts';
import { largest } from '../core/extremes.ts';
import { placeBelow } from '../files/inside.ts';
import { openForAppend } from '../files/writing.ts';
import type { WorkDone, WorkOrder } from '../jobs/warm-worker.ts';
import { type Program, run } from './main.ts';
import { projectRoot } from './training-config.ts';
import { takeOn } from './worker/disguise.ts';
import { Footprint } from './worker/footprint.ts';

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

/** Whether a worker can run a command: a program of this repository, with no plug-in and no fault of its own. */
export function workerKnows([path = '', ...args]: readonly string[], cwd: string): boolean {
	const name = basename(path, '.ts');
	if (!path.includes('/') || !Object.hasOwn(programs, name) || args.some((word) => /^--(?:plugin|chaos)/u.test(word))) {
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

/** Changes with any source file: a worker runs what it has loaded, so it must not outlive an edit. */
export function sourceVersion(): string {
	const times = ['src', 'bin'].flatMap((folder) =>
		readdirSync(join(projectRoot, folder), { recursive: true }).map(
			(name) => statSync(join(projectRoot, folder, String(name)), { throwIfNoEntry: false })?.mtimeMs ?? 0,
		),
	);
	return `${times.length} ${largest(times)}`;
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
	const loaded = new Map([['train', await programs['train']!()]]);
	await (await import('./training-config.ts')).loadComponents();
	let footprint: Footprint | undefined;
	let order = Promise.resolve();
	process.on('message', (next: WorkOrder) => {
		order = order.then(async () => {
			footprint ??= new Footprint();
			const code = await carryOut(next, loaded);
			const trouble = await footprint.trouble();
			if (process.connected) {
				answer({ code, last: trouble !== undefined });
			}
		});
	});
	await new Promise<void>((done) => process.once('disconnect', done));
	await order;
}

async function carryOut({ argv: [path, ...args], cwd, env, log }: WorkOrder, loaded: Map<string, Program>) {
	if (log !== undefined) {
		turnOutputTo(log);
	}
	const name = basename(path!, '.ts');
	const program = loaded.get(name) ?? (await programs[name]!());
	loaded.set(name, program);
	const forget = takeOn({ name, args, cwd, env });
	try {
		const code = await run(program, args, { stdout: process.stdout, stderr: process.stderr, exitCode: 0 });
		return code === 0 && typeof process.exitCode === 'number' ? (process.exitCode as ExitCode) : code;
	} finally {
		forget();
	}
}

// Node has no dup2; but open() returns the lowest free number, which is the one just closed. Both are appended to, as
// if they had been opened once.
function turnOutputTo(log: string): void {
	for (const fd of [1, 2]) {
		closeSync(fd);
		if (openForAppend(...placeBelow(log)) !== fd) {
			// Another thread was quicker. What is printed would be lost: better no worker than that.
			process.kill(process.pid, 'SIGKILL');
		}
	}
}
