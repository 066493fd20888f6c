import { type Execution, type Executor, openLog, type Task } from './execution.ts';
import { plainWords } from './shell/text.ts';
import { WarmWorker, type WorkerOptions } from './warm-worker.ts';

export interface PoolOptions extends WorkerOptions {
	/** Whether workers can run a command, given as its words. */
	readonly knows: (words: readonly string[]) => boolean;
	/** Changes whenever a worker that was started before is out of date; default: never. */
	readonly version?: () => string;
}

/** Worker processes that stay up between jobs, so that not every short job pays for start-up. */
export class WarmPool implements Executor {
	readonly #options: PoolOptions;
	readonly #workers = new Map<number, { readonly worker: WarmWorker; readonly version: string }>();

	constructor(options: PoolOptions) {
		this.#options = options;
	}

	/** A job goes to the worker of its slot; one that needs a shell, or a program that workers do not know, does not. */
	start(task: Task): Execution | undefined {
		const words = isHarmless(task.job.setup) ? plainWords(task.job.command) : undefined;
		if (words?.[0] === undefined || !this.#options.knows(words)) {
			return undefined;
		}
		const log = openLog(task.log);
		const version = this.#options.version?.() ?? '';
		const present = this.#workers.get(task.slot);
		if (present?.worker.isReady && present.version === version) {
			return present.worker.run(words, task, log);
		}
		void present?.worker.close();
		// What the environment decides at start-up (the GPU, above all) belongs to the slot.
		const worker = new WarmWorker(this.#options, task.env, log);
		this.#workers.set(task.slot, { worker, version });
		return worker.run(words, task, log);
	}

	async close(): Promise<void> {
		await Promise.all([...this.#workers.values()].map(({ worker }) => worker.close()));
	}
}

// What only says how a shell treats failures means nothing to a command that is a program and its words.
function isHarmless(setup: string): boolean {
	return setup.split('\n').every((line) => line === '' || /^set [-+][a-z]+(?: pipefail)?$/u.test(line.trim()));
}
