import { Worker } from 'node:worker_threads';
import { runPath } from './paths.ts';

/** How the sign of life is given. */
export interface HeartbeatOptions {
	/** Seconds between two beats, default 10. */
	readonly intervalSeconds?: number;
	/** The token of the lease: once another process owns the folder, beating stops. */
	readonly token?: string;
}

// Milliseconds; a timer of more would fire at once, again and again.
const longestTimer = 2 ** 31 - 1;

/** A running heartbeat. */
export interface Heartbeat {
	/** Completed epochs and steps for the next beat; costs nothing. */
	progress(epoch: number, step: number): void;
	/** Beats a last time and stops. */
	stop(): Promise<void>;
}

/**
 * Writes HEARTBEAT (`schema`, `pid`, `epoch`, `step`, `time`) at once and then by its own timer, in a thread of its own,
 * so also while the main thread computes for minutes. It neither keeps the process alive nor outlives it.
 */
export async function startHeartbeat(folder: string, options: HeartbeatOptions = {}): Promise<Heartbeat> {
	const counters = new Float64Array(new SharedArrayBuffer(16));
	pacemaker ??= new Pacemaker(() => {
		pacemaker = undefined;
	});
	const own = pacemaker;
	const id = await own.start({
		counters,
		file: runPath(folder, 'heartbeat'),
		lock: runPath(folder, 'lock'),
		token: options.token,
		interval: Math.min((options.intervalSeconds ?? 10) * 1000, longestTimer),
	});
	return {
		progress(epoch, step) {
			counters[0] = epoch;
			counters[1] = step;
		},
		stop: () => own.stop(id),
	};
}

// One thread for all runs of a process: to start one takes longer than a small job.
let pacemaker: Pacemaker | undefined;

interface Answer {
	readonly done: () => void;
	readonly fail: (error: Error) => void;
}

class Pacemaker {
	readonly #thread: Worker;
	readonly #answers = new Map<number, Answer>();
	#last = 0;
	#end: Error | undefined;

	/** `onEnd`: the thread is gone, for whatever reason. */
	constructor(onEnd: () => void) {
		this.#thread = new Worker(new URL('./heartbeat-thread.mjs', import.meta.url), {
			// The parent's loaders are of no use to plain JavaScript, and slow to start.
			execArgv: [],
		});
		this.#thread.unref();
		this.#thread.on('message', (id: number) => {
			this.#answers.get(id)?.done();
			this.#answers.delete(id);
		});
		this.#thread.once('error', (error) => {
			this.#end = error;
		});
		this.#thread.once('exit', (code) => {
			this.#end ??= new Error(`the thread that gives signs of life ended with ${code}`);
			onEnd();
			for (const { fail } of this.#answers.values()) {
				fail(this.#end);
			}
		});
	}

	/** Resolves to a number for `stop` when the first beat has been written. */
	async start(heart: object): Promise<number> {
		this.#last += 1;
		const id = this.#last;
		await this.#ask(id, { start: { ...heart, id } });
		return id;
	}

	/** Has it beat a last time; one whose thread has ended is silent already. */
	async stop(id: number): Promise<void> {
		if (this.#end === undefined) {
			await this.#ask(id, { stop: id });
		}
	}

	// Only while somebody waits does the thread count as work to be done.
	async #ask(id: number, message: object): Promise<void> {
		this.#thread.ref();
		try {
			await new Promise<void>((done, fail) => {
				this.#answers.set(id, { done, fail });
				this.#thread.postMessage(message);
			});
		} finally {
			if (this.#answers.size === 0) {
				this.#thread.unref();
			}
		}
	}
}
