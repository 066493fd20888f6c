import type { Pace } from './background-writes.ts';

/**
 * One piece of work at a time that goes on beside something that moves in steps (training, say).
 *
 * Free running, the work goes on whenever the event loop turns. In lockstep it takes so many of its own steps after each
 * step of the other, which waits for them: slow, but the order of all steps is the same every time.
 */
export class BackgroundWork {
	readonly #lockstep: number | undefined;
	#running = false;
	#ended: Promise<void> = Promise.resolve();
	#failure: { readonly error: unknown } | undefined;
	#open: (() => void) | undefined;
	#arrived: (() => void) | undefined;

	/** `lockstep`: steps of the work for each step of the other; undefined for free running. */
	constructor(lockstep?: number) {
		this.#lockstep = lockstep;
	}

	/** Begins the work, which must wait for its `pace` before each of its steps; what came before must have settled. */
	async begin(work: (pace: Pace) => Promise<void>): Promise<void> {
		this.#running = true;
		const first = this.#arrival();
		this.#ended = work(this.#lockstep === undefined ? async () => {} : () => this.#gate())
			.catch((error: unknown) => {
				this.#failure = { error };
			})
			.finally(() => {
				this.#running = false;
				this.#arrive();
			});
		if (this.#lockstep !== undefined) {
			await first;
		}
	}

	/** Between two steps of the other: throws what the work has failed with. */
	async advance(): Promise<void> {
		for (let step = 0; this.#running && step < (this.#lockstep ?? 0); step += 1) {
			await this.#release();
		}
		this.#report();
	}

	/** Waits for the end of the work, and throws what it has failed with; each failure is thrown once. */
	async settle(): Promise<void> {
		while (this.#lockstep !== undefined && this.#running) {
			await this.#release();
		}
		await this.#ended;
		this.#report();
	}

	#gate(): Promise<void> {
		return new Promise((open) => {
			this.#open = open;
			this.#arrive();
		});
	}

	// Lets the work take the step it waits for, until it waits again or has ended.
	#release(): Promise<void> {
		const arrival = this.#arrival();
		const open = this.#open;
		this.#open = undefined;
		open?.();
		return arrival;
	}

	#arrival(): Promise<void> {
		return new Promise((arrived) => {
			this.#arrived = arrived;
		});
	}

	#arrive(): void {
		this.#arrived?.();
		this.#arrived = undefined;
	}

	#report(): void {
		const failure = this.#failure;
		this.#failure = undefined;
		if (failure !== undefined) {
			throw failure.error;
		}
	}
}
