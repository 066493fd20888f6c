import { type ExitCode, exitCodes } from '../../core/errors.ts';

/** Which signals ask the run to end, and whether it wants to be started again. */
export interface InterruptionOptions {
	readonly signals: readonly NodeJS.Signals[];
	/** Any of them means "run me again", not only USR1 and USR2. */
	readonly preemptible: boolean;
	/** Without any signal the end is asked for at this step. */
	readonly lastStep?: number | undefined;
	/** Called after every step. */
	readonly afterStep: (step: number) => void;
}

/** Notes signals that ask the run to end; the loop looks between batches. */
export class Interruption {
	#signal: NodeJS.Signals | undefined;
	readonly #onSignal = (signal: NodeJS.Signals) => this.#note(signal);
	readonly #say: (text: string) => void;
	readonly #options: InterruptionOptions;

	constructor(say: (text: string) => void, options: InterruptionOptions) {
		this.#say = say;
		this.#options = options;
	}

	/** Begins to listen. */
	listen(): void {
		for (const signal of this.#options.signals) {
			process.on(signal, this.#onSignal);
		}
	}

	/** Signals have their usual meaning again. */
	stop(): void {
		for (const signal of this.#options.signals) {
			process.off(signal, this.#onSignal);
		}
	}

	/** Whether to end now that `step` steps are done. */
	requested(step: number): boolean {
		return this.#signal !== undefined || step >= (this.#options.lastStep ?? Number.POSITIVE_INFINITY);
	}

	/** For faults caused on purpose. */
	afterStep(step: number): void {
		this.#options.afterStep(step);
	}

	get signal(): NodeJS.Signals | undefined {
		return this.#signal;
	}

	/** 75 where the run wants to be started again, else what a shell reports for the signal. */
	get exitCode(): ExitCode {
		const again = this.#options.preemptible || this.#signal === 'SIGUSR1' || this.#signal === 'SIGUSR2';
		if (again) {
			return exitCodes.again;
		}
		return this.#signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
	}

	// A scheduler may repeat its warning; only a second SIGINT or SIGTERM is impatience.
	#note(signal: NodeJS.Signals): void {
		if (this.#signal === undefined) {
			this.#signal = signal;
			this.#say(`${signal}: finishing the batch and saving a checkpoint; Ctrl-C once more ends at once.`);
		} else if (signal === 'SIGINT' || signal === 'SIGTERM') {
			this.stop();
			process.kill(process.pid, signal);
		}
	}
}
