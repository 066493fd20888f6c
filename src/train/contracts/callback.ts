import type * as tfc from '@tensorflow/tfjs-core';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';
import type { Direction } from './metric.ts';
import type { Batch } from './model.ts';
import type { Training } from './training.ts';

/** Values of one row: numbers by column name (`train/loss`, `valid/accuracy`, `lr`). */
export type Logs = Record<string, number>;

/** A column that a callback watches. */
export interface Watch {
	readonly column: string;
	/** Which way is better; `auto` asks whoever declares the column. */
	readonly mode: 'auto' | Direction;
	/** The checkpoint that it decides about, if any. */
	readonly checkpoint?: string;
}

/** JSON that a callback keeps in a checkpoint. */
export type CallbackState = Readonly<Record<string, unknown>>;

/**
 * Something that happens during training. Hooks run in the order of the list; each may be asynchronous.
 *
 * A hook that throws ends the run as failed, naming the callback and the hook. Everything a callback remembers belongs
 * in `state()`: a resumed run restores it by the callback's registered name (and its position among equals).
 */
export abstract class Callback {
	/** Raised when the layout of `state()` changes. */
	readonly version: number = 1;
	/** Needed to make a run repeatable; false for loggers, whose failure never stops training. */
	readonly essential: boolean = true;

	/** Columns that `onEpochEnd` adds, each with the better direction, or null where there is none. Asked before training. */
	columns(): Readonly<Record<string, Direction | null>> {
		return {};
	}

	/** Columns that it goes by: that there are such, and which way is better, is checked before training. */
	watches(): readonly Watch[] {
		return [];
	}

	/** Names of the checkpoints that must be there for such a state of its own: nobody could make them again. */
	savedCheckpoints(_state: CallbackState): readonly string[] {
		return [];
	}

	/** What only one callback of a run may have: a file of the run folder, a checkpoint's name. */
	owns(): readonly string[] {
		return [];
	}

	/** After build and restore, before the first batch of this session. */
	onRunStart(_training: Training): void | Promise<void> {}
	onEpochStart(_training: Training): void | Promise<void> {}
	onBatchStart(_training: Training, _batch: Batch): void | Promise<void> {}
	/** Gradients by variable name, after the backward pass; return others to replace them (dispose what you replace). */
	onGradients(_training: Training, gradients: Record<string, tfc.Tensor>): Record<string, tfc.Tensor> {
		return gradients;
	}
	/** After the optimizer's step; `logs` holds `loss` and its parts of this batch. */
	onBatchEnd(_training: Training, _logs: Logs): void | Promise<void> {}
	/** Before the weights are used for validation or testing; undone by `onEvaluateEnd`. */
	onEvaluateStart(_training: Training): void | Promise<void> {}
	onEvaluateEnd(_training: Training): void | Promise<void> {}
	/** After validation, before the row is written: may add its `columns()` to `logs`. */
	onEpochEnd(_training: Training, _logs: Logs): void | Promise<void> {}
	/** The row of this epoch is on disk. */
	onEpochLogged(_training: Training, _logs: Readonly<Logs>): void | Promise<void> {}
	/** Before a checkpoint is taken; `state()` is asked for when this is done. */
	onCheckpoint(_training: Training): void | Promise<void> {}
	/**
	 * After `state()` and `tensors()` were copied: make durable what they refer to (rows written, bytes of a file).
	 * Training goes on meanwhile; the checkpoint is written once every callback's promise is kept.
	 */
	onSaving(_training: Training): void | Promise<void> {}
	/** Always called once when this session ends, also after an error; `reason` is the state the run ends in. */
	onRunEnd(_training: Training, _reason: EndReason): void | Promise<void> {}

	state(): CallbackState {
		return {};
	}

	/** `version` is that of the code that saved it. */
	restore(_state: CallbackState, _version: number): void {}

	/** Tensors beyond the model's (an average of weights, say) for the checkpoint. */
	tensors(): Readonly<Record<string, tfc.Tensor>> {
		return {};
	}

	restoreTensors(_tensors: Readonly<Record<string, tfc.Tensor>>): void {}
}

export type EndReason = 'finished' | 'interrupted' | 'failed' | 'diverged';

export const callbackKind = defineKind<Callback>(
	'callback',
	'callbacks',
	'Something that happens during training.',
	(target) => {
		const { columns, onEpochEnd } = (target as { prototype: Callback }).prototype;
		const isPlain = columns === Callback.prototype.columns && onEpochEnd === Callback.prototype.onEpochEnd;
		return isPlain ? [] : undefined;
	},
);
export const callback = decorator(callbackKind);
