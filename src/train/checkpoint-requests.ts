import type { Hooks } from './hooks.ts';
import type { Loop } from './loop.ts';
import type { LoopSaves, LoopState } from './loop-parts.ts';
import type { SnapshotState } from './snapshot.ts';

/** Which checkpoints callbacks have asked for, and taking them. */
export class CheckpointRequests {
	readonly #loop: Loop;
	readonly #hooks: Hooks;
	readonly #saves: LoopSaves | undefined;
	readonly #wanted = new Set<string>();
	/** Names under which this session has saved. */
	readonly saved = new Set<string>();
	#savedAt = '';

	constructor(loop: Loop, hooks: Hooks, saves: LoopSaves | undefined) {
		this.#loop = loop;
		this.#hooks = hooks;
		this.#saves = saves;
	}

	add(name: string): void {
		this.#wanted.add(name);
	}

	/** Nothing is taken of what was asked for. */
	drop(): void {
		this.#wanted.clear();
	}

	/** The loop stands where the run's `last` was taken. */
	atLast(): void {
		this.#savedAt = instantOf(this.#loop);
	}

	/** Takes what was asked for, once the checkpoint before is on disk. */
	async take(): Promise<void> {
		if (this.#wanted.size === 0) {
			return;
		}
		const names = [...this.#wanted];
		this.#wanted.clear();
		names.forEach((name) => void this.saved.add(name));
		if (names.includes('last')) {
			this.#savedAt = instantOf(this.#loop);
		}
		await this.#saves?.settle();
		await this.#hooks.run('onCheckpoint', (callback) => callback.onCheckpoint(this.#loop));
		const durable = () => this.#hooks.together('onSaving', (callback) => callback.onSaving(this.#loop));
		await this.#saves?.save(names, this.#loop, durable);
	}

	/** A `last` of a failed loop as it was at an earlier instant, on disk; false where it is there already. */
	async takeEarlier(state: SnapshotState): Promise<boolean> {
		if (this.#savedAt === instantOf(state.loop)) {
			return false;
		}
		// What was asked for by a callback that has still to see the step again will be asked for again.
		const names = state.loop.unseen === undefined ? ['last'] : [...this.#wanted, 'last'];
		this.#wanted.clear();
		const durable = () => this.#hooks.together('onSaving', (callback) => callback.onSaving(this.#loop));
		await this.#saves?.save([...new Set(names)], this.#loop, durable, state);
		await this.#saves?.settle();
		return this.#saves !== undefined;
	}

	/** A `last` of this very instant, on disk. */
	async takeLast(): Promise<void> {
		if (this.#savedAt !== instantOf(this.#loop)) {
			this.add('last');
			await this.take();
		}
		await this.#saves?.settle();
	}
}

// Two checkpoints of one instant are the same.
function instantOf({ epoch, batch, step }: Pick<LoopState, 'epoch' | 'batch' | 'step'>): string {
	return `${epoch} ${batch} ${step}`;
}
