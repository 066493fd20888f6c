import { GimletError } from '../core/errors.ts';
import { Callback, type Logs } from './contracts/callback.ts';
import type { Hooks, KeyedCallback } from './hooks.ts';
import type { Loop } from './loop.ts';
import type { LoopParts } from './loop-parts.ts';
import { type SnapshotState, stateOf } from './snapshot.ts';
import type { TrainingStep } from './training-step.ts';

/** The last instant from which a run that fails can be continued as if it had not failed. */
export class LastWhole {
	readonly #loop: Loop;
	readonly #parts: LoopParts;
	readonly #early: readonly KeyedCallback[];
	#find: (failure: unknown) => SnapshotState | undefined = () => undefined;

	constructor(loop: Loop, parts: LoopParts) {
		this.#loop = loop;
		this.#parts = parts;
		this.#early = parts.callbacks.filter(({ callback }) => changesEarly(callback));
	}

	/** What comes next changes no tensor: the instant is now. */
	keep(): void {
		const state = stateOf(this.#loop, this.#parts);
		this.#find = () => state;
	}

	/** A step begins; until it moves the weights, the instant is now. */
	beforeStep(step: TrainingStep): void {
		const early = statesOf(this.#early);
		this.#find = () => {
			const hasTensors = this.#early.some(({ callback }) => Object.keys(callback.tensors()).length > 0);
			const drawn = hasTensors ? undefined : step.undo();
			const state = drawn === undefined ? undefined : stateOf(this.#loop, this.#parts);
			return state && { ...state, streams: drawn!, callbacks: { ...state.callbacks, ...early } };
		};
	}

	/** Callbacks are told of the end of a step; those that one of them keeps from hearing of it are told when the run goes on. */
	afterStep(logs: Readonly<Logs>, hooks: Hooks): void {
		this.#find = (failure) => {
			if (!(failure instanceof GimletError && failure.code === 'callback.failed')) {
				return undefined;
			}
			this.#loop.unseen = { callbacks: hooks.left, logs };
			return stateOf(this.#loop, this.#parts);
		};
	}

	/** What comes next leaves nothing to go on from. */
	none(): void {
		this.#find = () => undefined;
	}

	/** The state of that instant, where there is one for such a failure; what tensors hold now belongs to it. */
	after(failure: unknown): SnapshotState | undefined {
		return this.#find(failure);
	}
}

// Has a hook that is called before the step is whole.
function changesEarly(callback: Callback): boolean {
	const { onBatchStart, onGradients } = Callback.prototype;
	return callback.onBatchStart !== onBatchStart || callback.onGradients !== onGradients;
}

function statesOf(callbacks: readonly KeyedCallback[]): SnapshotState['callbacks'] {
	return Object.fromEntries(
		callbacks.map(({ key, callback }) => [key, { version: callback.version, state: callback.state() }]),
	);
}
