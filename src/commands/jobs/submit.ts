import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { operand } from '../../core/shell-quote.ts';
import { lsf } from '../../jobs/cluster/lsf.ts';
import { checkProfile } from '../../jobs/cluster/profile.ts';
import type { Scheduler } from '../../jobs/cluster/scheduler.ts';
import { slurm } from '../../jobs/cluster/slurm.ts';
import { standings } from '../../jobs/cluster/standing.ts';
import type { StoredSubmission } from '../../jobs/cluster/submission.ts';
import { preview, type SubmitOptions, submit, wholeNumber } from '../../jobs/cluster/submit.ts';
import { StateFolder } from '../../jobs/folder.ts';
import { type Job, readJobList } from '../../jobs/list.ts';
import { doorCommand } from '../door.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import { clusterProfile } from './profile.ts';
import { selectJobs } from './select.ts';

/** Every scheduler, by name. */
export const schedulers: Readonly<Record<string, Scheduler>> = { slurm, lsf };

interface Options {
	readonly scheduler?: string;
	readonly profile?: string;
	readonly binding: readonly string[];
	readonly maxRunning?: string;
	readonly perTask?: string;
	readonly maxArray?: string;
	readonly partition?: string;
	readonly time?: string;
	readonly cpus?: string;
	readonly memory?: string;
	readonly gres?: string;
	readonly account?: string;
	readonly line?: readonly string[];
	readonly warning?: string;
	readonly stale?: string;
	readonly shell?: string;
	readonly only?: string;
	readonly dryRun?: boolean;
}

/** `jobs submit LIST`. */
export function defineSubmit(program: Command, io: Io): void {
	program
		.command('submit')
		.description('hand the jobs of a list to a cluster as a task array, and return at once')
		.argument('<list>', 'a shell file with one command per line, such as batch.sh')
		.option('--profile <name>', 'what each task asks for: a file of configs/device, such as slurm_cpu, or a path')
		.option(
			'-b, --binding <bindings>',
			'bindings that win over the profile, as in "slurm.time=\'2h\'"; may repeat',
			collect,
			[],
		)
		.option('--scheduler <name>', 'slurm or lsf (default: the one that the profile describes)')
		.option('--max-running <n>', 'tasks that may run at a time')
		.option('--per-task <n>', 'lines that one task runs, one after the other (default: 1)')
		.option('--max-array <n>', 'tasks in one array; more are split (default: what the cluster allows)')
		.option('--partition <name>', 'the partition or queue')
		.option('--time <time>', "wall time per task, as in '4h50m'")
		.option('--cpus <n>', 'CPU cores per task')
		.option('--memory <size>', "memory per task, as in '8G'")
		.option('--gres <what>', "generic resources per task, as in 'gpu:1'")
		.option('--account <name>', 'who pays')
		.option('--line <text...>', "a header line to copy, as in '#SBATCH --constraint=a100'")
		.option('--warning <seconds>', 'before the time limit, when jobs are told to save their state (default: 120)')
		.option(
			'--stale <seconds>',
			'without a sign of life after which a task on another node counts as dead (default: 60)',
		)
		.option('--shell <name>', 'the shell that runs each line (default: that of the first line, else bash)')
		.option('--only <jobs>', 'only these: numbers from 1, ranges, keys, as in 3,7-9')
		.option('--dry-run', 'print the script, write and submit nothing')
		.action(async (list: string, options: Options) => {
			const { jobs, shell } = readJobList(list);
			const folder = new StateFolder(list);
			// Mistakes are told whether there is something to do or not.
			const wish = await wishOf(options, shell);
			const chosen = open(selectJobs(jobs, folder, options), folder);
			if (chosen.length === 0) {
				say(io, `nothing to do: every job in ${list} is finished, running or queued`);
				return;
			}
			const wanted = { ...wish, jobs: chosen, folder };
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
	const what = `${count(keys.length, 'job')} in ${count(tasks, 'task')} (${count(arrays.length, 'array')})`;
	say(io, `submitted ${what}, script in ${folder}`);
	say(io, `see how they do: ${doorCommand('jobs', 'status', operand(list))}`);
}

// Neither finished nor in anybody's hands.
function open(jobs: readonly Job[], folder: StateFolder): Job[] {
	const taken = new Set(['ok', 'running', 'queued']);
	return standings(jobs, folder, schedulers).flatMap(({ job, standing }) => (taken.has(standing) ? [] : [job]));
}

async function wishOf(options: Options, shell: string | undefined): Promise<Omit<SubmitOptions, 'jobs' | 'folder'>> {
	const asked = options.scheduler === undefined ? undefined : schedulerNamed(options.scheduler).name;
	const found = await clusterProfile(options, asked);
	const number = (text: string | undefined, name: string): number | undefined =>
		text === undefined ? undefined : wholeNumber(text, name);
	const flags: Record<string, unknown> = {
		partition: options.partition,
		time: options.time,
		cpus: number(options.cpus, '--cpus'),
		memory: options.memory,
		gres: options.gres,
		account: options.account,
		lines: options.line,
		warning: number(options.warning, '--warning'),
	};
	const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
	return {
		scheduler: schedulers[asked ?? found?.scheduler ?? 'slurm']!,
		profile: checkProfile({ ...found?.profile, ...given }),
		shell: options.shell ?? shell ?? 'bash',
		cwd: process.cwd(),
		perTask: number(options.perTask, '--per-task') ?? found?.perTask ?? 1,
		throttle: number(options.maxRunning, '--max-running') ?? found?.maxRunning ?? undefined,
		largestArray: number(options.maxArray, '--max-array') ?? found?.maxArray ?? undefined,
		stale: number(options.stale, '--stale') ?? found?.stale ?? 60,
		requeues: 100,
	};
}

function collect(value: string, all: readonly string[]): string[] {
	return [...all, value];
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
