import { exitCodes } from '../core/errors.ts';
import type { Execution, Exit } from './execution.ts';
import type { Job } from './list.ts';
import { type OutcomeState, stateOf } from './outcome.ts';

// Milliseconds: more than the locks of run folders are respected after their owner's last sign of life.
const patience = 150_000;

/** A job that somebody works at here, from its first attempt to its last. */
export class ActiveJob {
	readonly job: Job;
	#execution: Execution | undefined;
	#stopped: 'timeout' | 'interrupted' | undefined;
	readonly #patientUntil: number;

	/** `isInherited`: from a runner of another machine that was lost. */
	constructor(job: Job, isInherited = false) {
		this.job = job;
		this.#patientUntil = isInherited ? performance.now() + patience : 0;
	}

	/** Whether an attempt was refused by a lock that the lost machine has left, and is worth repeating. */
	waitsFor({ code }: Exit): boolean {
		return code === exitCodes.refused && this.#stopped === undefined && performance.now() < this.#patientUntil;
	}

	/** Waits for an attempt, and ends it after `timeout` seconds: politely, and `grace` seconds later for good. */
	async watch(execution: Execution, timeout: number | undefined, grace: number): Promise<Exit> {
		this.#execution = execution;
		let timer =
			timeout === undefined
				? undefined
				: setTimeout(() => {
						this.#stopped ??= 'timeout';
						execution.signal('SIGTERM');
						timer = setTimeout(() => execution.signal('SIGKILL'), grace * 1000);
					}, timeout * 1000);
		try {
			return await execution.ended;
		} finally {
			clearTimeout(timer);
			this.#execution = undefined;
		}
	}

	/** What the end of an attempt means; the next one has not been stopped. */
	stateAfter(exit: Exit): OutcomeState {
		const stopped = this.#stopped;
		this.#stopped = undefined;
		return stateOf({ ...exit, stopped });
	}

	/** Signals the attempt in progress, if there is one. */
	signal(name: NodeJS.Signals): void {
		this.#execution?.signal(name);
	}

	/** The same, for an end that was asked for. */
	stop(name: NodeJS.Signals): void {
		this.#stopped = 'interrupted';
		this.signal(name);
	}

	warn(name: NodeJS.Signals): void {
		this.#execution?.warn(name);
	}
}
