import { availableParallelism } from 'node:os';
import { copyRows } from '../core/rows.ts';
import { hasKernels } from '../engine/wasm-backend.ts';
import { assemble, epochOrder, type HostBatch, labelled, storedOrder } from './batches.ts';
import type { LoopParts } from './loop-parts.ts';
import { portableTransforms, ReadAhead } from './read-ahead.ts';

/** Where a batch stands in a run; its content depends on nothing else but the seed. */
export interface BatchPlace {
	readonly epoch: number;
	/** Of the epoch. */
	readonly batch: number;
	readonly step: number;
}

/** How far the batches of a run go. */
export interface BatchSpan {
	readonly stepsPerEpoch: number;
	readonly nEpochs: number;
}

/** Batches to measure before reading ahead is decided upon; the first ones tell little. */
const measured = { from: 3, to: 8 };
/** Reading ahead pays where assembling takes this share of a step, and in all this many seconds. */
const worthwhile = { share: 0.04, seconds: 5 };

/** The training batches of a run in plain memory, by their place, read ahead where that pays. */
export class BatchSource {
	readonly #parts: LoopParts;
	readonly #span: BatchSpan;
	readonly #notice: (text: string) => void;
	readonly #width: number;
	// Used again for every batch where the engine copies what it is given.
	readonly #room: Float32Array | undefined;
	readonly #orders = new Map<number, Int32Array>();
	#ahead: ReadAhead | undefined;
	#isDecided = false;
	#taken = 0;
	#began = 0;
	#assembling = 0;

	constructor(parts: LoopParts, span: BatchSpan, notice: (text: string) => void) {
		this.#parts = parts;
		this.#span = span;
		this.#notice = notice;
		this.#width = parts.data.spec.shape.reduce((a, b) => a * b, 1);
		this.#room = hasKernels() ? new Float32Array(parts.batchSize * this.#width) : undefined;
	}

	/** The rows of a batch in the training split. */
	rows(epoch: number, batch: number): Int32Array {
		const { batchSize } = this.#parts;
		return this.#order(epoch).subarray(batch * batchSize, (batch + 1) * batchSize);
	}

	/** The batch at a place; its inputs are overwritten by the next one. */
	get({ epoch, batch, step }: BatchPlace): HostBatch | Promise<HostBatch> {
		const place = { epoch, batch, step };
		if (!this.#isDecided) {
			this.#decide(step);
		}
		return this.#ahead === undefined ? this.#assemble(place) : this.#take(this.#ahead, place);
	}

	async close(): Promise<void> {
		await this.#ahead?.close();
		this.#ahead = undefined;
	}

	#assemble({ epoch, batch, step }: BatchPlace): HostBatch {
		const { data, streams } = this.#parts;
		const began = performance.now();
		const made = assemble(data, 'train', this.rows(epoch, batch), step, streams, this.#room);
		this.#assembling += performance.now() - began;
		return made;
	}

	async #take(ahead: ReadAhead, place: BatchPlace): Promise<HostBatch> {
		const { data, streams } = this.#parts;
		// As assembling here does, so that a checkpoint has the same streams.
		streams.stream('augment');
		const rows = this.rows(place.epoch, place.batch);
		const inputs = this.#room?.subarray(0, rows.length * this.#width) ?? new Float32Array(rows.length * this.#width);
		const isMade = await ahead.take(place, inputs);
		if (ahead.broken !== undefined) {
			this.#notice(`train.prefetch: batches are assembled in this thread, the other one failed: ${ahead.broken}`);
			await this.close();
		} else {
			this.#fill(ahead, place);
		}
		return isMade ? labelled(data, 'train', rows, inputs) : this.#assemble(place);
	}

	// Asks for the batches that come next, as many as there is room for.
	#fill(ahead: ReadAhead, present: BatchPlace): void {
		const { data } = this.#parts;
		for (
			let place = this.#next(ahead.last ?? present);
			ahead.hasRoom && place !== undefined;
			place = this.#next(place)
		) {
			const rows = this.rows(place.epoch, place.batch);
			ahead.request(place, rows, (stored) => copyRows(stored, data.splits.train.inputs, rows, this.#width));
		}
	}

	#next({ epoch, batch, step }: BatchPlace): BatchPlace | undefined {
		const { stepsPerEpoch, nEpochs } = this.#span;
		const isLast = batch + 1 >= stepsPerEpoch;
		const next = isLast ? { epoch: epoch + 1, batch: 0, step: step + 1 } : { epoch, batch: batch + 1, step: step + 1 };
		return next.epoch < nEpochs ? next : undefined;
	}

	#decide(step: number): void {
		const { prefetch, data } = this.#parts;
		if (prefetch !== null) {
			this.#isDecided = true;
			this.#begin(prefetch);
			return;
		}
		if (data.transforms.length === 0 || availableParallelism() === 1) {
			this.#isDecided = true;
			return;
		}
		this.#taken += 1;
		if (this.#taken === measured.from) {
			this.#began = performance.now();
			this.#assembling = 0;
		} else if (this.#taken === measured.to) {
			this.#isDecided = true;
			const batches = measured.to - measured.from;
			const left = this.#span.nEpochs * this.#span.stepsPerEpoch - step;
			const isShare = this.#assembling > worthwhile.share * (performance.now() - this.#began);
			if (isShare && (left * this.#assembling) / batches > 1000 * worthwhile.seconds) {
				this.#begin(2);
			}
		}
	}

	#begin(depth: number): void {
		const { data, streams, batchSize } = this.#parts;
		if (depth === 0) {
			return;
		}
		const transforms = portableTransforms(data.transforms);
		if (typeof transforms === 'string') {
			this.#notice(`train.prefetch: batches are assembled in this thread, because ${transforms}.`);
			return;
		}
		this.#ahead = new ReadAhead(data, streams.seed, transforms, depth, batchSize);
	}

	#order(epoch: number): Int32Array {
		let order = this.#orders.get(epoch);
		if (order === undefined) {
			const { data, shuffle, streams } = this.#parts;
			const { size } = data.splits.train;
			order = shuffle ? epochOrder(size, epoch, streams) : storedOrder(size);
			// Reading ahead needs the next epoch's before this one is over.
			for (const old of [...this.#orders.keys()].filter((one) => one !== epoch - 1)) {
				this.#orders.delete(old);
			}
			this.#orders.set(epoch, order);
		}
		return order;
	}
}
