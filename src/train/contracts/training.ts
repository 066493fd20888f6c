import type { Streams } from '../../core/random.ts';
import type { MetaFacts } from '../../run/meta.ts';
import type { Callback, Logs } from './callback.ts';
import type { Data } from './data.ts';
import type { Direction, Metric } from './metric.ts';
import type { Model } from './model.ts';
import type { Optimizer } from './optimizer.ts';
import type { Clock } from './schedule.ts';

/** The run folder as a callback sees it. */
export interface RunPlace {
	/** Absolute path of the run folder. */
	readonly path: string;
	/** Of this process' lease. */
	readonly token: string;
	/** For `meta.json`: the command, versions, device, seeds, limits. */
	readonly facts: MetaFacts;
	/** Throws when this process no longer owns the folder; call before a durable write. */
	check(): void;
}

/** What a callback sees of a run in progress. */
export interface Training {
	/** Zero-based number of the epoch in progress. */
	readonly epoch: number;
	/** Optimizer steps done. */
	readonly step: number;
	/** Training examples seen, over all epochs. */
	readonly examples: number;
	/** Of this session and earlier ones, in seconds. */
	readonly seconds: number;
	readonly nEpochs: number;
	readonly stepsPerEpoch: number;
	readonly batchSize: number;
	readonly clock: Clock;
	readonly model: Model;
	readonly optimizer: Optimizer;
	readonly data: Data;
	readonly metrics: readonly Metric[];
	readonly callbacks: readonly Callback[];
	readonly streams: Streams;
	/** Undefined in a dry run. */
	readonly run: RunPlace | undefined;
	/** True when this session continues an earlier one. */
	readonly resumed: boolean;
	/** Rows of history so far, this session's and earlier ones'. */
	readonly history: readonly Readonly<Logs>[];
	/** Multiplies the optimizer's learning rate; several callbacks each own a named factor. */
	readonly rateFactors: Map<string, number>;
	/** The learning rate of the next step, factors applied. */
	learningRate(): number;
	/** Which way a logged column is better: a metric's declared direction, `min` for losses, undefined when unknown. */
	direction(column: string): Direction | undefined;
	/** Ends training after this batch (or after this epoch), giving the reason that `status.json` records. */
	stop(reason: string): void;
	/**
	 * Asks for a checkpoint under `last`, `best` or another name. It is taken once every callback has seen the hook in
	 * progress, so that it holds the state of all of them at one instant.
	 */
	checkpoint(name: string): void;
	/** Asks for checkpoints to stay besides the named ones. What several callbacks ask for stays for each of them. */
	retain(retention: Retention): void;
	/** A notice to the user, on stderr and in the run's log. */
	notice(text: string): void;
	/** The original terminal, for progress. */
	readonly console: ProgressConsole;
}

/** Which checkpoints stay: the newest `last`, and those at multiples of `everySteps`. */
export interface Retention {
	readonly last: number;
	readonly everySteps?: number | undefined;
}

export interface ProgressConsole {
	readonly isTTY: boolean;
	readonly columns: number;
	write(text: string): void;
}
