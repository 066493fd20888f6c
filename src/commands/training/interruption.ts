/** Notes signals that ask the run to end; the loop looks between batches. */
export class Interruption {
	#signal: NodeJS.Signals | undefined;
	readonly #onSignal = (signal: NodeJS.Signals) => this.#note(signal);
	readonly #say: (text: string) => void;

	readonly #lastStep: number;

	/** Without any signal the end is asked for at step `lastStep`. */
	constructor(say: (text: string) => void, lastStep = Number.POSITIVE_INFINITY) {
		this.#say = say;
		this.#lastStep = lastStep;
	}

	/** Begins to listen for SIGINT and SIGTERM. */
	listen(): void {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			process.on(signal, this.#onSignal);
		}
	}

	/** Signals have their usual meaning again. */
	stop(): void {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) {
			process.off(signal, this.#onSignal);
		}
	}

	/** Whether to end now that `step` steps are done. */
	requested(step: number): boolean {
		return this.#signal !== undefined || step >= this.#lastStep;
	}

	get signal(): NodeJS.Signals | undefined {
		return this.#signal;
	}

	#note(signal: NodeJS.Signals): void {
		if (this.#signal === undefined) {
			this.#signal = signal;
			this.#say(`${signal}: finishing the batch and saving a checkpoint; once more ends at once.`);
			return;
		}
		this.stop();
		process.kill(process.pid, signal);
	}
}
