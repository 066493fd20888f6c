import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { lsf } from '../../jobs/cluster/lsf.ts';
import { checkProfile, checkWarning } from '../../jobs/cluster/profile.ts';
import type { Scheduler } from '../../jobs/cluster/scheduler.ts';
import { slurm } from '../../jobs/cluster/slurm.ts';
import { type SubmitSettings, wholeNumber } from '../../jobs/cluster/submit.ts';
import { clusterProfile } from './profile.ts';

/** Every scheduler, by name. */
export const schedulers: Readonly<Record<string, Scheduler>> = { slurm, lsf };

/** What the options of `defineResources` say. */
export interface ResourceOptions {
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
}

/** The options by which a cluster is told what each task needs. */
export function defineResources(command: Command): Command {
	return command
		.option('--profile <name>', 'what each task asks for: a file of configs/device, such as slurm_cpu, or a path')
		.option(
			'-b, --binding <bindings>',
			'bindings that win over the profile, as in "slurm.time=\'2h\'"; may repeat',
			(value: string, all: readonly string[]) => [...all, value],
			[],
		)
		.option('--scheduler <name>', 'slurm or lsf (default: the one that the profile describes)')
		.option('--max-running <n>', 'tasks that may run at a time, over all arrays of the list')
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
		.option('--shell <name>', 'the shell that runs each line (default: that of the first line, else bash)');
}

/** How jobs are handed over by these options and their profile; `shell` is what the first line of the list names. */
export async function settingsOf(options: ResourceOptions, shell: string | undefined): Promise<SubmitSettings> {
	return completed(await changesOf(options), shell);
}

/** Settings with what the options say in place of their own; all of them where a profile is named. */
export async function changed(settings: SubmitSettings, options: ResourceOptions): Promise<SubmitSettings> {
	const changes = await changesOf(options);
	if (options.profile !== undefined) {
		return completed({ ...changes, shell: changes.shell ?? settings.shell }, settings.shell);
	}
	const { profile, ...rest } = changes;
	const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	return checked({ ...settings, ...given, profile: { ...settings.profile, ...profile } });
}

type Changes = { readonly [Key in keyof Omit<SubmitSettings, 'profile'>]: SubmitSettings[Key] | undefined } & {
	readonly profile: SubmitSettings['profile'];
};

function completed(changes: Changes, shell: string | undefined): SubmitSettings {
	return checked({
		scheduler: changes.scheduler ?? slurm,
		profile: changes.profile,
		shell: changes.shell ?? shell ?? 'bash',
		cwd: changes.cwd ?? process.cwd(),
		perTask: changes.perTask ?? 1,
		throttle: changes.throttle,
		largestArray: changes.largestArray,
		stale: changes.stale ?? 60,
	});
}

function checked(settings: SubmitSettings): SubmitSettings {
	checkWarning(checkProfile(settings.profile), settings.scheduler.name);
	return settings;
}

async function changesOf(options: ResourceOptions): Promise<Changes> {
	const asked = options.scheduler === undefined ? undefined : schedulerNamed(options.scheduler);
	const found = await clusterProfile(options, asked?.name);
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
		scheduler: asked ?? (found === undefined ? undefined : schedulers[found.scheduler]),
		profile: { ...found?.profile, ...given },
		shell: options.shell,
		cwd: undefined,
		perTask: number(options.perTask, '--per-task') ?? found?.perTask,
		throttle: number(options.maxRunning, '--max-running') ?? found?.maxRunning ?? undefined,
		largestArray: number(options.maxArray, '--max-array') ?? found?.maxArray ?? undefined,
		stale: number(options.stale, '--stale') ?? found?.stale,
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
