import { Worker } from 'node:worker_threads';
import { runPath } from './paths.ts';

/** How the sign of life is given. */
export interface HeartbeatOptions {
	/** Seconds between two beats, default 10. */
	readonly intervalSeconds?: number;
	/** The token of the lease: once another process owns the folder, beating stops. */
	readonly token?: string;
}

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
	const worker = new Worker(new URL('./heartbeat-thread.mjs', import.meta.url), {
		// The parent's loaders are of no use to plain JavaScript, and slow to start.
		execArgv: [],
		workerData: {
			counters,
			file: runPath(folder, 'heartbeat'),
			lock: runPath(folder, 'lock'),
			token: options.token,
			interval: (options.intervalSeconds ?? 10) * 1000,
		},
	});
	worker.unref();
	let failure: Error | undefined;
	const ended = new Promise<void>((done) => worker.once('exit', () => done()));
	await new Promise<void>((done) => {
		worker.once('message', () => done());
		worker.on('error', (error) => {
			failure = error;
			done();
		});
	});
	if (failure !== undefined) {
		throw failure;
	}
	worker.unref();
	return {
		progress(epoch, step) {
			counters[0] = epoch;
			counters[1] = step;
		},
		async stop() {
			worker.ref();
			worker.postMessage('stop');
			await ended;
		},
	};
}
