import { UsageError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import type { WarningSignal } from './warning-signals.ts';

/** What one array task asks of a cluster; everything is optional, and then the cluster's own default holds. */
export interface Profile {
	readonly partition?: string | undefined;
	/** Wall time, as in `'4h50m'` or the scheduler's own notation. */
	readonly time?: string | undefined;
	readonly cpus?: number | undefined;
	/** As in `'8G'`. */
	readonly memory?: string | undefined;
	/** Generic resources in the scheduler's notation, as in `'gpu:1'`. */
	readonly gres?: string | undefined;
	readonly account?: string | undefined;
	readonly qos?: string | undefined;
	/** Features that a node must have. */
	readonly constraint?: string | undefined;
	readonly gpus?: number | undefined;
	/** As in `'a100'`. */
	readonly gpuType?: string | undefined;
	/** How a GPU is shared, in LSF's words. */
	readonly gpuMode?: string | undefined;
	/** What must have happened before, in the scheduler's notation. */
	readonly dependency?: string | undefined;
	readonly mailUser?: string | undefined;
	/** When mail is sent, in Slurm's words. */
	readonly mailTypes?: readonly string[] | undefined;
	/** Header lines that are copied as they are, as in `'#SBATCH --constraint=a100'`. */
	readonly lines?: readonly string[] | undefined;
	/** Seconds before the time limit at which jobs are told to save their state; default 120. */
	readonly warning?: number | undefined;
	/** The signal that tells them; default SIGUSR1. */
	readonly signal?: WarningSignal | undefined;
}

/** A task array to describe to a scheduler. */
export interface ArrayShape {
	readonly name: string;
	/** The unique name by which it is found again. */
	readonly label: string;
	/** Number of tasks; the first has the index 0. */
	readonly tasks: number;
	/** How many may run at a time. */
	readonly throttle: number | undefined;
	/** Where the scheduler puts what the tasks' scripts say. */
	readonly folder: string;
	/** Working directory. */
	readonly cwd: string;
}

/**
 * Refuses a warning that comes too early for the time limit: at once, or in the middle of the first steps, again and again.
 * Schedulers look every half minute or so.
 */
export function checkWarning({ time, warning = 120 }: Profile, scheduler: 'slurm' | 'lsf'): void {
	const limit = time === undefined ? undefined : secondsOfLimit(time, scheduler);
	if (limit !== undefined && warning * 2 > limit) {
		throw new UsageError(
			'jobs.warning',
			`The warning comes ${warning} s before a time limit of ${limit} s (${time}), so that hardly any time is left to work in: allowed are up to ${Math.floor(limit / 2)} s (--warning, or warning in the profile).`,
		);
	}
}

// Slurm: minutes, minutes:seconds, hours:minutes:seconds, days-hours and so on; LSF: minutes, hours:minutes.
function secondsOfLimit(time: string, scheduler: 'slurm' | 'lsf'): number {
	const [, days, rest = ''] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/u.exec(time) ?? [];
	if (rest === '') {
		return parseDuration(time);
	}
	const [a = 0, b = 0, c = 0] = rest.split(':').map(Number);
	if (days !== undefined) {
		return ((Number(days) * 24 + a) * 60 + b) * 60 + c;
	}
	const parts = rest.split(':').length;
	const isHours = parts === 3 || (parts === 2 && scheduler === 'lsf');
	return isHours ? (a * 60 + b) * 60 + c : a * 60 + b;
}

/** Refuses what would break out of a header line. */
export function checkProfile(profile: Profile): Profile {
	const { lines = [], ...values } = profile;
	for (const [name, value] of Object.entries(values)) {
		// What follows is written into a line of its own, in double quotes at most.
		if (typeof value === 'string' && !/^[\w.,:+=@/[\]()&|*?! -]+$/u.test(value)) {
			throw new UsageError('jobs.profile', `profile: ${name} = "${value}" holds characters that no scheduler allows.`);
		}
	}
	for (const line of lines) {
		if (!/^#(?:SBATCH|BSUB) [^\n]+$/u.test(line)) {
			throw new UsageError(
				'jobs.profile',
				`profile: lines: "${line}" is no single line that begins with #SBATCH or #BSUB.`,
			);
		}
	}
	return profile;
}
