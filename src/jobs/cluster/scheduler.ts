import type { ArrayShape, Profile } from './profile.ts';

/**
 * Where an array task stands, in one vocabulary for all schedulers. `unknown`: the scheduler cannot be asked here.
 * `unstarted`: it was given a node, which could not even start its script.
 */
export type TaskState =
	| 'queued'
	| 'running'
	| 'completed'
	| 'failed'
	| 'unstarted'
	| 'timeout'
	| 'cancelled'
	| 'preempted'
	| 'node_failed'
	| 'unknown';

export interface TaskReport {
	readonly state: TaskState;
	/** The scheduler's own word for why. */
	readonly reason: string;
}

/** A batch system: how its scripts look and which programs to ask. */
export interface Scheduler {
	readonly name: 'slurm' | 'lsf';
	/** The file name of its scripts, without a number. */
	readonly script: string;
	/** Whether a path can stand in a header line. */
	canName(path: string): boolean;
	/** The first lines of a script. They leave out the folder and the working directory where these cannot stand there. */
	header(shape: ArrayShape, profile: Profile): string[];
	/** The largest number of tasks in one array. */
	largestArray(): number;
	/** Submits a script and returns the array's id. Throws where it is refused. */
	submit(script: string, profile: Profile): string;
	/** Every task that it still knows, by `ARRAY_INDEX` with the index from 0; undefined where it cannot be asked. */
	report(ids: readonly string[]): Map<string, TaskReport> | undefined;
	/** Cancels whole arrays (`12`) or tasks (`12_3`). */
	cancel(tasks: readonly string[]): void;
}
