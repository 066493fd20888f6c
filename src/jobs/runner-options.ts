import type { Budgets } from './budgets.ts';
import type { Executor } from './execution.ts';
import type { StateFolder } from './folder.ts';
import type { LeaseRecord } from './lease.ts';
import type { Job } from './list.ts';
import type { Observer } from './observer.ts';

/** How a runner works on a list. */
export interface RunnerOptions {
	readonly folder: StateFolder;
	readonly jobs: readonly Job[];
	/** Attempts at a time, at least 1. */
	readonly slots: number;
	readonly shell: string;
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** Values of CUDA_VISIBLE_DEVICES, dealt out to the slots; none: the variable is left alone. */
	readonly gpus: readonly string[];
	readonly budgets: Budgets;
	/** Seconds an attempt may take. */
	readonly timeout: number | undefined;
	/** Seconds from the polite signal to the one that cannot be refused. */
	readonly grace: number;
	/** Seconds to wait before an attempt is repeated; undefined: as long as it takes to see that a job gets nowhere. */
	readonly retryDelay: number | undefined;
	readonly failFast: boolean;
	readonly executor: Executor | undefined;
	readonly observer: Observer;
	/** See `Leases`. */
	readonly isKept?: (record: LeaseRecord) => boolean;
}
