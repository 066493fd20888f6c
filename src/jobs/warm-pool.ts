import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Execution, type Executor, type Exit, signalGroup, type Task } from './execution.ts';
import { plainWords } from './shell-text.ts';

/** What a worker is told: run this program with these arguments there. */
export interface WorkOrder {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** To be printed on both streams, after everything else of this order. */
	readonly mark: string;
}

/** What a worker answers when a program has ended. */
export interface WorkDone {
	readonly code: number;
	/** The worker is spent: another one takes the next order. */
	readonly last?: boolean;
}

export interface PoolOptions {
	/** The program and arguments that start a worker, which takes one order at a time over its IPC channel. */
	readonly worker: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** Whether workers can run a command, given as its words. */
	readonly knows: (words: readonly string[]) => boolean;
}

/** Worker processes that stay up between jobs, so that not every short job pays for start-up. */
export class WarmPool implements Executor {
	readonly #options: PoolOptions;
	readonly #workers = new Map<number, Worker>();

	constructor(options: PoolOptions) {
		this.#options = options;
	}

	/** A job goes to the worker of its slot; one that needs a shell, or a program that workers do not know, does not. */
	start(task: Task): Execution | undefined {
		const words = task.job.setup === '' ? plainWords(task.job.command) : undefined;
		if (words?.[0] === undefined || !this.#options.knows(words)) {
			return undefined;
		}
		let worker = this.#workers.get(task.slot);
		if (worker?.isSpent) {
			void worker.close();
		}
		if (worker === undefined || worker.isSpent || worker.isGone) {
			// What the environment decides at start-up (the GPU, above all) belongs to the slot.
			worker = new Worker(this.#options, task.env);
			this.#workers.set(task.slot, worker);
		}
		return worker.run(words, task, this.#options.cwd);
	}

	async close(): Promise<void> {
		await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
	}
}

class Worker {
	readonly #child: ChildProcess;
	readonly #gone: Promise<Exit>;
	readonly #exited: Promise<void>;
	#isGone = false;
	#isSpent = false;
	#order = 0;

	constructor({ worker: [program, ...args], cwd }: PoolOptions, env: Readonly<Record<string, string>>) {
		this.#child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
		this.#exited = new Promise((resolve) => {
			this.#child.once('error', () => resolve());
			this.#child.once('exit', () => resolve());
		});
		this.#gone = new Promise((resolve) => {
			this.#child.once('error', () => this.#end(resolve, { code: 127, signal: null }));
			// Not `exit`: what it printed last is still on its way then.
			this.#child.once('close', (code, signal) => this.#end(resolve, { code, signal }));
		});
	}

	get isGone(): boolean {
		return this.#isGone;
	}

	/** Whether it has asked for no more orders. */
	get isSpent(): boolean {
		return this.#isSpent;
	}

	run(argv: readonly string[], task: Task, cwd: string): Execution {
		const mark = `\0end of order ${++this.#order}\0\n`;
		const log = openSync(task.log, 'w');
		const ended = this.#answer(log, mark).finally(() => closeSync(log));
		const order: WorkOrder = { argv, cwd, env: task.env, mark };
		if (!this.#isGone) {
			// One that has died meanwhile is told by its end.
			this.#child.send(order, () => {});
		}
		const { pid } = this.#child;
		return { pid, ended, signal: (name) => signalGroup(this.#isGone ? undefined : pid, name) };
	}

	async close(): Promise<void> {
		if (this.#child.connected) {
			this.#child.disconnect();
		}
		// Read by nobody now; unread it would keep the process from closing.
		this.#child.stdout!.resume();
		this.#child.stderr!.resume();
		await this.#exited;
	}

	// The answer and both streams come by ways of their own: an order has ended when all three say so.
	async #answer(log: number, mark: string): Promise<Exit> {
		const child = this.#child;
		const stop = new AbortController();
		const streams = [child.stdout!, child.stderr!].map((stream) => copyUntil(stream, log, mark, stop.signal));
		const done = new Promise<Exit>((resolve) => {
			const listener = ({ code, last = false }: WorkDone): void => {
				this.#isSpent = last;
				resolve({ code, signal: null });
			};
			child.once('message', listener);
			stop.signal.addEventListener('abort', () => child.off('message', listener));
		});
		const exit = await Promise.race([Promise.all([done, ...streams]).then(([answer]) => answer), this.#gone]);
		stop.abort();
		return exit;
	}

	#end(resolve: (exit: Exit) => void, exit: Exit): void {
		this.#isGone = true;
		resolve(exit);
	}
}

function copyUntil(stream: NodeJS.ReadableStream, log: number, mark: string, stop: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const end = Buffer.from(mark);
		let rest = Buffer.alloc(0);
		const listener = (part: Buffer): void => {
			const all = Buffer.concat([rest, part]);
			const at = all.indexOf(end);
			// A mark may come in two parts.
			const safe = at >= 0 ? at : all.length - beginningOf(end, all);
			writeSync(log, all, 0, safe);
			rest = all.subarray(safe);
			if (at >= 0) {
				stream.off('data', listener);
				rest = Buffer.alloc(0);
				resolve();
			}
		};
		stream.on('data', listener).resume();
		stop.addEventListener('abort', () => {
			stream.off('data', listener);
			if (rest.length > 0) {
				writeSync(log, rest);
			}
		});
	});
}

// How many bytes at the end of `all` may be the first ones of the mark: no more is kept back than that, so that what
// the two streams say stays in order.
function beginningOf(mark: Buffer, all: Buffer): number {
	for (let length = Math.min(mark.length - 1, all.length); length > 0; length--) {
		if (all.subarray(all.length - length).equals(mark.subarray(0, length))) {
			return length;
		}
	}
	return 0;
}
