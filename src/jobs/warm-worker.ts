import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { appendTo, type Execution, type Exit, type Task } from './execution.ts';
import { signalGroup, warnGroup } from './process-group.ts';

/** What a worker is told: run this program with these arguments there. */
export interface WorkOrder {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	/** Where its output goes from now on, appended; the first order's goes where the worker was started with. */
	readonly log: string | undefined;
}

/** What a worker answers when a program has ended. */
export interface WorkDone {
	readonly code: number;
	/** The worker is spent: another one takes the next order. */
	readonly last?: boolean;
}

export interface WorkerOptions {
	/** The program and arguments that start a worker, which takes one order at a time over its IPC channel. */
	readonly worker: readonly string[];
	readonly cwd: string;
	/** Added to the environment of a worker at its start; an order brings an environment of its own. */
	readonly startEnv?: Readonly<Record<string, string>>;
}

/** One process that carries out orders, one after the other, each with its output in its own log. */
export class WarmWorker {
	readonly #child: ChildProcess;
	readonly #cwd: string;
	readonly #gone: Promise<Exit>;
	#fault: Error | undefined;
	#isGone = false;
	#isSpent = false;
	#isFirst = true;

	/** `log`: an open descriptor for the output of the first order. */
	constructor(options: WorkerOptions, env: Readonly<Record<string, string>>, log: number) {
		const {
			worker: [program, ...args],
			cwd,
			startEnv,
		} = options;
		this.#cwd = cwd;
		this.#child = spawn(program!, args, {
			cwd,
			env: { ...env, ...startEnv },
			detached: true,
			stdio: ['ignore', log, log, 'ipc'],
		});
		this.#gone = new Promise((resolve) => {
			const end = (exit: Exit): void => {
				this.#isGone = true;
				resolve(exit);
			};
			this.#child.on('error', (error) => {
				this.#fault = error;
				if (this.#child.pid === undefined) {
					end({ code: 127, signal: null });
				}
			});
			this.#child.once('exit', (code, signal) => end({ code, signal }));
		});
	}

	/** Whether it can take an order. */
	get isReady(): boolean {
		return !this.#isGone && !this.#isSpent;
	}

	/** Hands over an order; `log` is closed here. */
	run(argv: readonly string[], task: Task, log: number): Execution {
		closeSync(log);
		const order: WorkOrder = { argv, cwd: this.#cwd, env: task.env, log: this.#isFirst ? undefined : task.log };
		this.#isFirst = false;
		const ended = this.#answer(task.log);
		if (!this.#isGone) {
			// One that has died meanwhile is told by its end.
			this.#child.send(order, () => {});
		}
		const { pid } = this.#child;
		const signal = (name: NodeJS.Signals): void => {
			// It may reach a worker whose program has just ended: no other order must die of it.
			this.#isSpent = true;
			signalGroup(this.#isGone ? undefined : pid, name);
		};
		const warn = (name: NodeJS.Signals): void => {
			this.#isSpent = true;
			// Its programs listen from the start.
			if (pid !== undefined && !this.#isGone) {
				warnGroup(pid, name, new Map());
			}
		};
		return { pid, ended, signal, warn };
	}

	/** Lets it end what it does; resolves when the process is gone. */
	async close(): Promise<void> {
		if (this.#child.connected) {
			this.#child.disconnect();
		}
		await this.#gone;
	}

	async #answer(log: string): Promise<Exit> {
		const child = this.#child;
		let listener: ((done: WorkDone) => void) | undefined;
		const done = new Promise<Exit>((resolve) => {
			listener = ({ code, last = false }) => {
				this.#isSpent ||= last;
				resolve({ code, signal: null });
			};
			child.once('message', listener);
		});
		const exit = await Promise.race([done, this.#gone]);
		child.off('message', listener!);
		if (this.#fault !== undefined && child.pid === undefined) {
			appendTo(log, `${child.spawnfile} cannot be started: ${this.#fault.message}\n`);
		}
		return exit;
	}
}
