import { GimletError, RefusedError, UsageError } from '../core/errors.ts';
import type { Callback } from './contracts/callback.ts';

/** A callback and the key its state is kept under: its registered name, `name#2` for a second one. */
export interface KeyedCallback {
	readonly key: string;
	/** As the config calls it: with its scope. */
	readonly path: string;
	readonly callback: Callback;
}

/** Gives each callback its key, in the order of the list. */
export function keyed(
	callbacks: ReadonlyArray<{ readonly name: string; readonly path?: string; readonly callback: Callback }>,
): KeyedCallback[] {
	const seen = new Map<string, number>();
	return callbacks.map(({ name, path = name, callback }) => {
		const count = (seen.get(name) ?? 0) + 1;
		seen.set(name, count);
		return { key: count === 1 ? name : `${name}#${count}`, path, callback };
	});
}

/** Refuses two callbacks that would write one file or one checkpoint: what one of them writes, the other spoils. */
export function refuseShared(callbacks: readonly KeyedCallback[]): void {
	const owners = new Map<string, string>();
	for (const { path, callback } of callbacks) {
		for (const owned of callback.owns()) {
			const other = owners.get(owned);
			if (other !== undefined) {
				throw new UsageError(
					'train.shared',
					`${other === path ? `Two of ${path}` : `${other} and ${path} both`} write ${owned}: leave one out` +
						`${owned.startsWith('checkpoints/') ? `, or give one another name, as in ${path}.name = 'best_accuracy'` : ''}.`,
				);
			}
			owners.set(owned, path);
		}
	}
}

/** Calls a hook of every callback in order; what an inessential one throws becomes a notice. */
export class Hooks {
	readonly #callbacks: readonly KeyedCallback[];
	readonly #notice: (text: string) => void;
	readonly #check: () => void;
	readonly #reported = new Set<string>();
	#checked = 0;
	#left: readonly string[] = [];

	/** `check` throws where this process no longer owns the run: then no callback is called any more. */
	constructor(callbacks: readonly KeyedCallback[], notice: (text: string) => void, check: () => void = () => {}) {
		this.#callbacks = callbacks;
		this.#notice = notice;
		this.#check = check;
	}

	/** Keys of the callbacks that the last `run` has not got through: the one that threw, and those after it. */
	get left(): readonly string[] {
		return this.#left;
	}

	/** `only`: keys of those to call. */
	async run(hook: string, call: (callback: Callback) => void | Promise<void>, only?: readonly string[]): Promise<void> {
		for (const [i, { key, callback }] of this.#callbacks.entries()) {
			if (only !== undefined && !only.includes(key)) {
				continue;
			}
			try {
				this.#stillOurs();
				// Awaiting nothing would still cost a turn of the event loop for every batch.
				const pending = call(callback);
				if (pending !== undefined) {
					await pending;
				}
			} catch (error) {
				this.#left = this.#callbacks.slice(i).map((one) => one.key);
				this.#failed(key, callback, hook, error);
			}
		}
	}

	/** Passes a value through every callback in order; one that is left out by an error changes nothing. */
	through<T>(hook: string, value: T, call: (callback: Callback, value: T) => T): T {
		let present = value;
		for (const { key, callback } of this.#callbacks) {
			try {
				this.#stillOurs();
				present = call(callback, present);
			} catch (error) {
				this.#failed(key, callback, hook, error);
			}
		}
		return present;
	}

	/** Calls a hook of every callback at once, then waits for all of them. */
	async together(hook: string, call: (callback: Callback) => void | Promise<void>): Promise<void> {
		const pending = this.#callbacks.map(async ({ key, callback }) => {
			try {
				this.#stillOurs();
				await call(callback);
			} catch (error) {
				this.#failed(key, callback, hook, error);
			}
		});
		const failed = (await Promise.allSettled(pending)).find((one) => one.status === 'rejected');
		if (failed !== undefined) {
			throw failed.reason;
		}
	}

	/** Like `run` for the end of a session: every callback gets its turn, and the first error is thrown afterwards. */
	async runAll(hook: string, call: (callback: Callback) => void | Promise<void>): Promise<void> {
		const errors: unknown[] = [];
		for (const { key, callback } of this.#callbacks) {
			try {
				this.#stillOurs();
				await call(callback);
			} catch (error) {
				try {
					this.#failed(key, callback, hook, error);
				} catch (failure) {
					errors.push(failure);
				}
			}
		}
		if (errors.length > 0) {
			throw errors[0];
		}
	}

	// A callback may write files of its own. A process loses its run while it stands still, so a look now and then will do.
	#stillOurs(): void {
		const now = Date.now();
		if (Math.abs(now - this.#checked) > 200) {
			this.#check();
			this.#checked = now;
		}
	}

	#failed(key: string, callback: Callback, hook: string, error: unknown): void {
		// A logger may fail in what it likes (a full disk, too), but not write into a folder that is no longer ours.
		if (error instanceof GimletError && (callback.essential || error instanceof RefusedError)) {
			throw error;
		}
		const message = error instanceof Error ? error.message : String(error);
		if (callback.essential) {
			throw new GimletError('callback.failed', `The callback ${key} failed in ${hook}: ${message}`, { cause: error });
		}
		if (!this.#reported.has(`${key} ${hook}`)) {
			this.#reported.add(`${key} ${hook}`);
			this.#notice(`${key} failed in ${hook} and is ignored from here on in that hook's messages: ${message}`);
		}
	}
}
