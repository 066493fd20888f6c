import { setImmediate } from 'node:timers/promises';

/** Milliseconds of computing after which signals, timers and streams are due. */
const longest = 20;

/**
 * Gives the event loop a turn now and then. The engine answers at once, so a loop that awaits nothing but tensors never
 * leaves its thread: a signal would be heard, and a line shown, only after the last epoch.
 */
export class Turns {
	#last = performance.now();

	/** Waits for one turn of the event loop if the last one was more than 20 ms ago. */
	async give(): Promise<void> {
		if (performance.now() - this.#last >= longest) {
			await setImmediate();
			this.#last = performance.now();
		}
	}
}
