import { hasKernels } from '../engine/wasm-backend.ts';
import { assemble, epochOrder, type HostBatch, storedOrder } from './batches.ts';
import type { LoopParts } from './loop-parts.ts';

/** Where a batch stands in a run; its content depends on nothing else but the seed. */
export interface BatchPlace {
	readonly epoch: number;
	/** Of the epoch. */
	readonly batch: number;
	readonly step: number;
}

/** The training batches of a run in plain memory, by their place. */
export class BatchSource {
	readonly #parts: LoopParts;
	#epoch = -1;
	#order: Int32Array = new Int32Array();
	// Used again for every batch where the engine copies what it is given.
	readonly #room: Float32Array | undefined;

	constructor(parts: LoopParts) {
		this.#parts = parts;
		const width = parts.data.spec.shape.reduce((a, b) => a * b, 1);
		this.#room = hasKernels() ? new Float32Array(parts.batchSize * width) : undefined;
	}

	/** The rows of a batch in the training split. */
	rows(epoch: number, batch: number): Int32Array {
		const { batchSize } = this.#parts;
		return this.#orderOf(epoch).subarray(batch * batchSize, (batch + 1) * batchSize);
	}

	get({ epoch, batch, step }: BatchPlace): HostBatch {
		const { data, streams } = this.#parts;
		return assemble(data, 'train', this.rows(epoch, batch), step, streams, this.#room);
	}

	#orderOf(epoch: number): Int32Array {
		if (this.#epoch !== epoch) {
			const { data, shuffle, streams } = this.#parts;
			const { size } = data.splits.train;
			this.#order = shuffle ? epochOrder(size, epoch, streams) : storedOrder(size);
			this.#epoch = epoch;
		}
		return this.#order;
	}
}
