import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { isPassedOn } from '../../core/passed-on.ts';
import { isIgnored, takeWarnings } from '../../core/signals.ts';

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
	/** When somebody first asked for the end, as against warning of it. */
	#asked: number | undefined;
	readonly #onSignal = (signal: NodeJS.Signals) => this.#note(signal);
	readonly #say: (text: string) => void;
	readonly #options: InterruptionOptions;
	readonly #signals: readonly NodeJS.Signals[];

	constructor(say: (text: string) => void, options: InterruptionOptions) {
		this.#say = say;
		this.#options = options;
		// One that the process was started without, as by nohup, is not for us.
		this.#signals = options.signals.filter((signal) => !isIgnored(signal));
	}

	/** Begins to listen, also to warnings that came while the program started. */
	listen(): void {
		for (const signal of this.#signals) {
			process.on(signal, this.#onSignal);
		}
		for (const signal of takeWarnings()) {
			if (this.#signals.includes(signal)) {
				this.#note(signal);
			}
		}
	}

	/** Signals have their usual meaning again. */
	stop(): void {
		for (const signal of this.#signals) {
			process.off(signal, this.#onSignal);
		}
		// They were heard here as well.
		takeWarnings();
	}

	/** Whether to end now that `step` steps are done. */
	requested(step: number): boolean {
		return this.isUrgent() || step >= (this.#options.lastStep ?? Number.POSITIVE_INFINITY);
	}

	/** Whether a signal has come: an evaluation is not waited for. */
	isUrgent(): boolean {
		return this.#signal !== undefined;
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
		const { GIMLET_WARNING_SIGNAL: warning } = process.env;
		const isWarning = this.#signal !== undefined && ['SIGUSR1', 'SIGUSR2', warning].includes(this.#signal);
		if (isWarning || this.#options.preemptible) {
			return exitCodes.again;
		}
		return this.#signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
	}

	#note(signal: NodeJS.Signals): void {
		const isAsking = signal === 'SIGINT' || signal === 'SIGTERM';
		if (isAsking && this.#asked !== undefined && !isPassedOn(signal, this.#asked)) {
			this.stop();
			process.kill(process.pid, signal);
			return;
		}
		if (isAsking) {
			this.#asked ??= performance.now();
		}
		// A warning may come again, and the end of the session brings a SIGHUP of its own: the checkpoint is being saved.
		if (this.#signal === undefined) {
			this.#signal = signal;
			this.#say(`${signal}: finishing the batch and saving a checkpoint; Ctrl-C once more ends at once.`);
		}
	}
}
