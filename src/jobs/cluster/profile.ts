import { UsageError } from '../../core/errors.ts';
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
