import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { lsf } from '../../jobs/cluster/lsf.ts';
import type { Profile } from '../../jobs/cluster/profile.ts';
import type { Scheduler } from '../../jobs/cluster/scheduler.ts';
import { slurm } from '../../jobs/cluster/slurm.ts';
import { standings } from '../../jobs/cluster/standing.ts';
import type { StoredSubmission } from '../../jobs/cluster/submission.ts';
import { preview, type SubmitOptions, submit, wholeNumber } from '../../jobs/cluster/submit.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { type Job, readJobList } from '../../jobs/list.ts';
import type { Io } from '../main.ts';
import { selectJobs } from './select.ts';

/** Every scheduler, by name. */
export const schedulers: Readonly<Record<string, Scheduler>> = { slurm, lsf };

/** Says what a named profile asks for; throws `UsageError` for a name it does not know. */
export type FindProfile = (name: string) => Profile & { readonly scheduler?: string };

interface Options {
	readonly scheduler?: string;
	readonly profile?: string;
	readonly maxRunning?: string;
	readonly perTask: string;
	readonly maxArray?: string;
	readonly partition?: string;
	readonly time?: string;
	readonly cpus?: string;
	readonly memory?: string;
	readonly gres?: string;
	readonly account?: string;
	readonly line?: readonly string[];
	readonly warning?: string;
	readonly stale: string;
	readonly shell?: string;
	readonly only?: string;
	readonly dryRun?: boolean;
}

/** `jobs submit LIST`. */
export function defineSubmit(program: Command, io: Io, findProfile: FindProfile | undefined): void {
	const command = program
		.command('submit')
		.description('hand the jobs of a list to a cluster as a task array, and return at once')
		.argument('<list>', 'a shell file with one command per line, such as batch.sh')
		.option('--scheduler <name>', 'slurm or lsf')
		.option('--max-running <n>', 'tasks that may run at a time')
		.option('--per-task <n>', 'lines that one task runs, one after the other', '1')
		.option('--max-array <n>', 'tasks in one array; more are split (default: what the cluster allows)')
		.option('--partition <name>', 'the partition or queue')
		.option('--time <time>', "wall time per task, as in '4h50m'")
		.option('--cpus <n>', 'CPU cores per task')
		.option('--memory <size>', "memory per task, as in '8G'")
		.option('--gres <what>', "generic resources per task, as in 'gpu:1'")
		.option('--account <name>', 'who pays')
		.option('--line <text...>', "a header line to copy, as in '#SBATCH --constraint=a100'")
		.option('--warning <seconds>', 'before the time limit, when jobs are told to save their state (default: 120)')
		.option('--stale <seconds>', 'without a sign of life after which a task on another node counts as dead', '60')
		.option('--shell <name>', 'the shell that runs each line (default: that of the first line, else bash)')
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.option('--dry-run', 'print the script, write and submit nothing');
	if (findProfile !== undefined) {
		command.option('--profile <name>', 'take scheduler, partition, time and so on from a profile');
	}
	command.action((list: string, options: Options) => {
		const { jobs, shell } = readJobList(list);
		const folder = new StateFolder(list);
		const chosen = open(selectJobs(jobs, folder, options), folder);
		if (chosen.length === 0) {
			io.stderr.write(`nothing to do: every job in ${list} is finished, running or queued\n`);
			return;
		}
		const wanted = wish(options, shell, chosen, folder, findProfile);
		if (options.dryRun) {
			io.stdout.write(preview(wanted));
			return;
		}
		tell(submit(wanted), list, io);
	});
}

/** Says what has been submitted: the ids to the next program, the rest to a person. */
export function tell({ arrays, keys, folder }: StoredSubmission, list: string, io: Io): void {
	io.stdout.write(arrays.map(({ id }) => `${id}\n`).join(''));
	const tasks = arrays.reduce((sum, array) => sum + array.tasks, 0);
	const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
	io.stderr.write(
		`submitted ${count(keys.length, 'job')} in ${count(tasks, 'task')} (${count(arrays.length, 'array')}), script in ${folder}\nsee how they do: jobs status ${list}\n`,
	);
}

// Neither finished nor in anybody's hands.
function open(jobs: readonly Job[], folder: StateFolder): Job[] {
	const taken = new Set(['ok', 'running', 'queued']);
	return standings(jobs, folder, schedulers).flatMap(({ job, standing }) => (taken.has(standing) ? [] : [job]));
}

function wish(
	options: Options,
	shell: string | undefined,
	jobs: readonly Job[],
	folder: StateFolder,
	findProfile: FindProfile | undefined,
): SubmitOptions {
	const { scheduler = 'slurm', ...found } = options.profile === undefined ? {} : findProfile!(options.profile);
	const number = (text: string | undefined, name: string): number | undefined =>
		text === undefined ? undefined : wholeNumber(text, name);
	const asked: Record<string, unknown> = {
		partition: options.partition,
		time: options.time,
		cpus: number(options.cpus, '--cpus'),
		memory: options.memory,
		gres: options.gres,
		account: options.account,
		lines: options.line,
		warning: number(options.warning, '--warning'),
	};
	const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
	return {
		scheduler: schedulerNamed(options.scheduler ?? scheduler),
		profile: { ...found, ...given },
		jobs,
		folder,
		shell: options.shell ?? shell ?? 'bash',
		cwd: process.cwd(),
		perTask: wholeNumber(options.perTask, '--per-task'),
		throttle: number(options.maxRunning, '--max-running'),
		largestArray: number(options.maxArray, '--max-array'),
		stale: wholeNumber(options.stale, '--stale'),
		requeues: 100,
	};
}

function schedulerNamed(name: string): Scheduler {
	if (!Object.hasOwn(schedulers, name)) {
		throw new UsageError(
			'jobs.scheduler',
			`There is no scheduler "${name}": allowed are ${Object.keys(schedulers).join(' and ')}.`,
		);
	}
	return schedulers[name]!;
}
