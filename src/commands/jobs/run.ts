import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { exitCodes, UsageError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import { defaultBudgets, parseBudgets } from '../../jobs/budgets.ts';
import { keptBy } from '../../jobs/cluster/kept.ts';
import { defaultShell } from '../../jobs/default-shell.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { findGpus } from '../../jobs/gpus.ts';
import { onInterrupt } from '../../jobs/interrupt.ts';
import { type Job, readJobList } from '../../jobs/list.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import { Progress } from '../../jobs/progress.ts';
import { Runner } from '../../jobs/runner.ts';
import { summarise } from '../../jobs/summary.ts';
import { WarmPool } from '../../jobs/warm-pool.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { sourceVersion, workerCommand, workerKnows } from '../worker.ts';
import { localProfile } from './profile.ts';
import type { LocalSettings } from './profiles.ts';
import { schedulers } from './resources.ts';
import { lastOutcomes, selectJobs } from './select.ts';

interface Options {
	readonly jobs?: string;
	readonly gpus?: string;
	readonly retries?: string;
	readonly retryDelay?: string;
	readonly timeout?: string;
	readonly grace: string;
	readonly failFast?: boolean;
	readonly shell?: string;
	readonly workers?: string;
	readonly profile?: string;
	readonly binding: readonly string[];
	readonly only?: string;
	readonly failed?: boolean;
	readonly dryRun?: boolean;
	readonly quiet?: boolean;
}

/** `jobs run LIST`. */
export function defineRun(program: Command, io: Io): void {
	program
		.command('run')
		.description('run the jobs of a list here; those that ended well before are left out')
		.argument('<list>', 'a shell file with one command per line, such as batch.sh')
		.option('-j, --jobs <n>', 'how many at a time (default: one per GPU given, else one per CPU core)')
		.option('--gpus <which>', 'auto, or numbers such as 0,1: each job sees one, by CUDA_VISIBLE_DEVICES')
		.option('--retries <n>', 'repeat failed jobs so often; or failure=2,timeout=1,preemption=20')
		.option('--retry-delay <time>', "wait before repeating a job, as in '30s' (default: only where it got nowhere)")
		.option('--timeout <time>', "end an attempt that takes longer, as in '2h30m'")
		.option('--grace <time>', 'from SIGTERM to SIGKILL for an attempt that takes too long', '10s')
		.option('--fail-fast', 'start no more jobs once one has failed')
		.option('--shell <name>', 'the shell that runs each line (default: that of the first line, else sh)')
		.option(
			'--workers <kind>',
			'cold: a process per job (the default); warm: processes that stay loaded between training jobs',
		)
		.option('--profile <name>', 'take these from a file of configs/device, such as local_cpu, or a path')
		.option(
			'-b, --binding <bindings>',
			'bindings that win over the profile, as in "local.jobs=4"; may repeat',
			collect,
			[],
		)
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.option('--failed', 'only those that have failed before')
		.option('--dry-run', 'print the commands that would run, and run none')
		.option('-q, --quiet', 'say nothing about jobs that end well')
		.action((list: string, options: Options) => runList(list, options, io));
}

async function runList(list: string, given: Options, io: Io): Promise<void> {
	const options = { ...fromProfile(await localProfile(given)), ...given };
	const { jobs, shell } = readJobList(list);
	const folder = new StateFolder(list);
	const chosen = selectJobs(jobs, folder, options);
	const before = lastOutcomes(chosen, folder);
	const pending = chosen.filter((job) => before.get(job.key)?.state !== 'ok');
	// Mistakes are told whether there is something to do or not.
	const settings = settingsOf(options, shell);
	const executor = workersOf(options.workers ?? 'cold', settings);
	if (options.dryRun) {
		io.stdout.write(pending.map((job) => `${job.command}\n`).join(''));
		return;
	}
	const finished = chosen.length - pending.length;
	if (pending.length === 0) {
		say(io, `nothing to do: ${finished === 0 ? 'no jobs' : `all ${finished} jobs are finished`} in ${list}`);
		return;
	}
	const progress = new Progress({
		screen: io.stderr.raw ?? io.stderr,
		total: pending.length,
		slots: settings.slots,
		logOf: (name, attempt) => shown(folder.logFile(name, attempt)),
		isQuiet: options.quiet === true,
	});
	progress.say(introduction(pending, finished, settings.slots, settings.gpus));
	const runner = new Runner({
		...settings,
		folder: folder.create(),
		jobs: pending,
		observer: progress,
		executor,
		isKept: keptBy(schedulers),
	});
	const interrupt = onInterrupt(runner, (text) => progress.say(text));
	let outcomes: ReadonlyMap<string, Outcome>;
	try {
		outcomes = await runner.run();
	} finally {
		interrupt.end();
		progress.close();
	}
	const { text, isFine, isUnfinished } = summarise(pending, outcomes, finished, (name, attempt) =>
		shown(folder.logFile(name, attempt)),
	);
	text
		.trimEnd()
		.split('\n')
		.forEach((line) => void say(io, line));
	const ended = interrupt.isWarned() && isUnfinished ? exitCodes.again : exitCodes.other;
	io.exitCode = interrupt.exitCode() ?? (isFine ? exitCodes.ok : ended);
}

// As if they had been given on the command line, which wins.
function fromProfile(profile: LocalSettings | undefined): Partial<Options> {
	if (profile === undefined) {
		return {};
	}
	const { jobs, gpus, workers, retries, retry_delay, timeout } = profile;
	const texts = { jobs: jobs?.toString(), gpus, workers, retries, retryDelay: retry_delay, timeout };
	return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined && value !== null));
}

function collect(value: string, all: readonly string[]): string[] {
	return [...all, value];
}

function settingsOf(options: Options, listShell: string | undefined) {
	const gpus = options.gpus === undefined ? [] : findGpus(options.gpus);
	const slots = slotsOf(options.jobs, gpus);
	return {
		slots,
		gpus,
		shell: options.shell ?? listShell ?? defaultShell(),
		cwd: process.cwd(),
		env: { ...shareOfCores(slots), ...environment() },
		budgets: options.retries === undefined ? defaultBudgets : parseBudgets(options.retries),
		timeout: options.timeout === undefined ? undefined : parseDuration(options.timeout),
		grace: parseDuration(options.grace),
		retryDelay: options.retryDelay === undefined ? undefined : parseDuration(options.retryDelay),
		failFast: options.failFast === true,
	};
}

function workersOf(kind: string, { cwd }: Pick<ReturnType<typeof settingsOf>, 'cwd'>): WarmPool | undefined {
	if (kind !== 'cold' && kind !== 'warm') {
		throw new UsageError('jobs.workers', `--workers ${kind}: allowed are cold and warm.`);
	}
	return kind === 'cold'
		? undefined
		: new WarmPool({
				worker: workerCommand,
				cwd,
				version: sourceVersion,
				knows: (words) => workerKnows(words, cwd),
			});
}

function slotsOf(text: string | undefined, gpus: readonly string[]): number {
	if (text === undefined) {
		return gpus.length > 0 ? gpus.length : availableParallelism();
	}
	if (!/^[1-9]\d{0,4}$/u.test(text)) {
		throw new UsageError('jobs.slots', `--jobs ${text}: allowed are whole numbers from 1.`);
	}
	return Number(text);
}

// Jobs side by side that each take all cores only get into each other's way.
function shareOfCores(slots: number): Record<string, string> {
	return slots === 1 ? {} : { OMP_NUM_THREADS: `${Math.max(1, Math.floor(availableParallelism() / slots))}` };
}

// A copy: reading process.env is slow, and it is read for every job.
function environment(): Record<string, string> {
	const own = new Set(['TSX_TSCONFIG_PATH']);
	return Object.fromEntries(
		Object.entries(process.env).flatMap(([name, value]) =>
			value === undefined || own.has(name) ? [] : [[name, value]],
		),
	);
}

function introduction(pending: readonly Job[], finished: number, slots: number, gpus: readonly string[]): string {
	const done = finished === 0 ? '' : `, ${finished} finished before`;
	const devices = gpus.length === 0 ? '' : `, GPUs ${gpus.join(' ')}`;
	return `${pending.length} ${pending.length === 1 ? 'job' : 'jobs'} to run, ${slots} at a time${done}${devices}`;
}

function shown(path: string): string {
	const near = relative(process.cwd(), path);
	return near.startsWith('..') ? path : near;
}
