import type { Logs } from './contracts/callback.ts';

/** Seconds of a run over all its sessions, and of its epoch in progress. */
export class RunClock {
	// Seconds of earlier sessions, and when this one began.
	#earlier = 0;
	#began = now();
	#epochEarlier = 0;
	#epochBegan = now();
	// Seconds of this epoch without its validation.
	#trained = 0;

	get seconds(): number {
		return this.#earlier + now() - this.#began;
	}

	get epochSeconds(): number {
		return this.#epochEarlier + now() - this.#epochBegan;
	}

	/** Building is over, training begins. */
	start(): void {
		this.#began = now();
		this.#epochBegan = now();
	}

	startEpoch(): void {
		this.#epochEarlier = 0;
		this.#epochBegan = now();
	}

	/** The batches of this epoch are done; its validation begins. */
	endBatches(): void {
		this.#trained = this.epochSeconds;
	}

	/** Adds the columns of an epoch of `examples` examples. */
	addTo(logs: Logs, examples: number): void {
		logs['time/epoch_s'] = this.epochSeconds;
		logs['time/total_s'] = this.seconds;
		logs['time/examples_per_s'] = examples / Math.max(this.#trained, 1e-9);
	}

	/** `seconds` and `epochSeconds` of the session that is continued. */
	restore({ seconds, epochSeconds }: { readonly seconds: number; readonly epochSeconds: number }): void {
		this.#earlier = seconds;
		this.#epochEarlier = epochSeconds;
	}
}

function now(): number {
	return performance.now() / 1000;
}
