import type { Streams } from '../core/random.ts';
import type { Column } from './columns.ts';
import type { Logs } from './contracts/callback.ts';
import type { Data, SplitName } from './contracts/data.ts';
import type { Loss } from './contracts/loss.ts';
import type { Metric } from './contracts/metric.ts';
import type { Model } from './contracts/model.ts';
import type { Optimizer } from './contracts/optimizer.ts';
import type { ProgressConsole, RunPlace } from './contracts/training.ts';
import type { Oddities } from './data-measures.ts';
import type { KeyedCallback } from './hooks.ts';
import type { Loop } from './loop.ts';
import type { Incident, NanPolicy } from './nan-policy.ts';
import type { SnapshotState } from './snapshot.ts';
import type { TotalsState } from './totals.ts';

/** What is trained, with what. */
export interface LoopParts {
	readonly model: Model;
	readonly data: Data;
	/** Of what each split holds, a hash. */
	readonly content: Readonly<Record<SplitName, string>>;
	readonly oddities: Oddities;
	readonly loss: Loss;
	readonly optimizer: Optimizer;
	readonly metrics: readonly Metric[];
	/** All that the rows of the run have, as far as components say. */
	readonly columns: readonly Column[];
	readonly callbacks: readonly KeyedCallback[];
	readonly streams: Streams;
	/** Whether every epoch has an order of its own. */
	readonly shuffle: boolean;
	readonly batchSize: number;
	/** Whether the last batch of an epoch is left out where it is smaller. */
	readonly dropLast: boolean;
	readonly evaluationBatchSize: number;
	/** Batches to assemble ahead; null where that is to be found out. */
	readonly prefetch: number | null;
}

/** When to end. */
export interface LoopLimits {
	readonly nEpochs: number;
	/** Optimizer steps of the whole run. */
	readonly maxSteps: number | undefined;
	/** Seconds of training of the whole run. */
	readonly trainFor: number | undefined;
	/** Batches of each epoch; undefined for all. */
	readonly trainBatches: number | undefined;
	readonly onNan: NanPolicy;
	readonly evaluationBatches: number | undefined;
}

/** Where checkpoints go. Writing one goes on beside training; there is never more than one being written. */
export interface LoopSaves {
	/**
	 * Copies the loop as it stands, to be saved under all `names`; called between batches only, after `settle`. What the
	 * copy refers to is made durable by `durable`, which is called at once and waited for before the checkpoint is written.
	 * `state`: what the loop was besides its tensors, where it has failed since.
	 */
	save(names: readonly string[], loop: Loop, durable: () => Promise<void>, state?: SnapshotState): Promise<void>;
	/** Called between two batches: throws what writing has failed with. */
	advance(): Promise<void>;
	/** Waits until what was copied is on disk, and throws what writing has failed with. */
	settle(): Promise<void>;
}

/** What the loop needs of its surroundings. */
export interface LoopPlace {
	readonly run: RunPlace | undefined;
	/** Only a part of the training that the config describes: nothing is said of its length. */
	readonly isTrial?: boolean;
	readonly console: ProgressConsole;
	notice(text: string): void;
	/** Undefined where nothing is kept. */
	readonly saves: LoopSaves | undefined;
	/** Keeps what is needed to repeat a step whose loss or gradients are not finite. */
	dump?(incident: Incident): void | Promise<void>;
	/**
	 * Set by a signal handler: the loop saves `last` after the batch in progress and ends. Where it is urgent, an
	 * evaluation in progress is given up, to be made again from its beginning by whoever continues.
	 */
	readonly interruption: {
		requested(step: number): boolean;
		isUrgent?(): boolean;
		afterStep?(step: number): void;
	};
}

/** Progress through the data: what a checkpoint keeps of the loop itself. */
export interface LoopState {
	readonly epoch: number;
	/** Batches of this epoch done. */
	readonly batch: number;
	readonly step: number;
	readonly examples: number;
	readonly seconds: number;
	/** Seconds of the epoch in progress. */
	readonly epochSeconds: number;
	readonly historyLength: number;
	/** The last row of the history, in case no callback has written the others. */
	readonly lastRow: Readonly<Logs> | null;
	/** Steps left out after going back before them. */
	readonly avoided: readonly number[];
	/** Steps in a row, up to now, that were not taken because of numbers that are not finite. */
	readonly skipped: number;
	/** Learning rate of the last step. */
	readonly rate: number;
	readonly totals: TotalsState;
	readonly rateFactors: Readonly<Record<string, number>>;
	/** Why a callback ended training, when one did, and the number of epochs asked for at that time. */
	readonly stopped: string | null;
	readonly nEpochs: number;
	/** Steps that the learning rate's schedule spans, where it spans training; older checkpoints mean all epochs. */
	readonly scheduleSteps?: number;
	/** Callbacks that have not seen the end of the last step, as one of them failed, and what it showed. */
	readonly unseen?: Unseen;
}

/** The end of a step that some callbacks have not seen. */
export interface Unseen {
	/** Their keys. */
	readonly callbacks: readonly string[];
	readonly logs: Readonly<Logs>;
}
