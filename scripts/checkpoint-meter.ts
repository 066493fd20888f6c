/**
 * A plug-in for `bin/train.ts`: how long each stretch from the end of an epoch to the end of the next one's batches takes,
 * and the memory held. `GIMLET_METER=FILE` gets the figures.
 */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Callback, callback } from '../src/train/contracts/callback.ts';
import type { Training } from '../src/train/contracts/training.ts';

/** Of one epoch. */
export interface MeteredEpoch {
	/** Milliseconds since the end of the epoch before, when the first batch began and when the last one ended. */
	readonly firstBatch: number;
	readonly lastBatch: number;
	/** Milliseconds of all threads of this process in the same time. */
	readonly processor: number;
	/** Bytes of resident memory at its end. */
	readonly resident: number;
}

@callback(
	'checkpoint_meter',
	z.object({}).describe('Measures what a checkpoint at the end of an epoch costs the next one.'),
)
export class CheckpointMeter extends Callback {
	readonly #epochs: MeteredEpoch[] = [];
	#ended = 0;
	#firstBatch = 0;
	#usage = process.cpuUsage();

	constructor(_p: object) {
		super();
	}

	override onEpochStart(): void {
		this.#firstBatch = performance.now() - this.#ended;
	}

	override onBatchEnd({ clock }: Training): void {
		// The clock has counted the last batch of the epoch already.
		if (Number.isInteger(clock.epoch) && this.#ended > 0) {
			const lastBatch = performance.now() - this.#ended;
			const { user, system } = process.cpuUsage(this.#usage);
			const processor = (user + system) / 1000;
			this.#epochs.push({ firstBatch: this.#firstBatch, lastBatch, processor, resident: process.memoryUsage.rss() });
		}
	}

	override onEpochLogged(): void {
		this.#ended = performance.now();
		this.#usage = process.cpuUsage();
	}

	override onRunEnd(): void {
		const file = process.env['GIMLET_METER'];
		if (file !== undefined) {
			writeFileSync(file, JSON.stringify(this.#epochs));
		}
	}
}
