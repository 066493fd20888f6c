import type { ArrayShape, Profile } from './profile.ts';

/**
 * Where an array task stands, in one vocabulary for all schedulers. `unknown`: the scheduler cannot be asked here.
 * `unstarted`: it was given a node, which could not even start its script. `ending`: nothing but its end is to come.
 */
export type TaskState =
	| 'queued'
	| 'running'
	| 'suspended'
	| 'ending'
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
	/** What a person can do where it will not begin by itself; undefined where it only has to wait. */
	readonly blocked?: string | undefined;
}

/** An array as it was handed over. */
export interface HandedArray {
	/** Undefined where it is not known whether it was taken. */
	readonly id: string | undefined;
	/** Its unique name; undefined for what was handed over before arrays had one. */
	readonly label: string | undefined;
	/** The job's name there. */
	readonly jobName: string | undefined;
	readonly tasks: number;
}

/** What a scheduler says. */
export interface Reports {
	/** Every task that it still knows, by `ARRAY_INDEX` with the index from 0. */
	readonly tasks: ReadonlyMap<string, TaskReport>;
	/** The ids of arrays by their labels. */
	readonly ids: ReadonlyMap<string, string>;
}

/** What goes with a script when it is handed over. */
export interface Handover {
	readonly profile: Profile;
	readonly label: string;
	/** Arrays that must have ended before. */
	readonly after: readonly string[];
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
	/** Submits a script and returns the array's id. Throws `NotTaken` where it is refused, else it may have been taken. */
	submit(script: string, handover: Handover): string;
	/** What it says of arrays that these users have handed over; undefined where it cannot be asked. */
	report(arrays: readonly HandedArray[], users: readonly string[]): Reports | undefined;
	/** What it has written into the log of a task when it ended it; undefined where it has not. */
	lastWord(log: string): TaskReport | undefined;
	/** Cancels whole arrays (`12`) or tasks (`12_3`); returns what it says against that. */
	cancel(tasks: readonly string[]): string;
}
