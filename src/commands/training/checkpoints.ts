import { EnvironmentError, RefusedError } from '../../core/errors.ts';
import { nearPath } from '../../core/near-path.ts';
import { BackgroundWork } from '../../files/background-work.ts';
import { checkState } from '../../run/checkpoint-state.ts';
import { CheckpointStore, type Good } from '../../run/checkpoint-store.ts';
import { encodeNumbers } from '../../run/exact-json.ts';
import { checkpointPath, runPath } from '../../run/paths.ts';
import { requireProgress } from '../../run/promised.ts';
import { missingEvents, missingRows } from '../../run/relied.ts';
import { toNumber } from '../../run/table.ts';
import { readRows } from '../../run/table-reading.ts';
import type { Logs } from '../../train/contracts/callback.ts';
import type { Loop } from '../../train/loop.ts';
import type { LoopParts, LoopSaves } from '../../train/loop-parts.ts';
import { restoreSnapshot, type Snapshot, takeSnapshot } from '../../train/snapshot.ts';

const schema = 'gimlet.checkpoint/1';

/** The checkpoints of a run as the loop sees them. */
export class Checkpoints {
	readonly #store: CheckpointStore;
	readonly #folder: string;

	constructor(folder: string, check?: () => void) {
		this.#folder = folder;
		this.#store = new CheckpointStore(runPath(folder, 'checkpoints'), check);
	}

	/** The writing end, for a loop. `lockstep`: see `BackgroundWork`. */
	saves(parts: LoopParts, lockstep?: number): LoopSaves {
		const writing = new BackgroundWork(lockstep);
		return {
			save: async (names, loop, durable, earlier) => {
				const { weights, optimizer, callbacks, state } = await takeSnapshot(loop, parts, earlier);
				const content = { tensors: { weights, optimizer, callbacks }, state: encodeNumbers({ schema, ...state }) };
				const { step, retention } = loop;
				const referred = durable();
				await writing.begin(async (pace) => {
					await referred;
					await this.#store.save(names, step, content, retention, pace);
				});
			},
			advance: () => writing.advance(),
			settle: () => writing.settle(),
		};
	}

	/** Puts the newest whole checkpoint back; undefined where there is none. */
	restore(loop: Loop, parts: LoopParts): { readonly name: string; readonly damaged: readonly string[] } | undefined {
		const found = this.#newestUsable();
		if (found === undefined) {
			return undefined;
		}
		const snapshot = toSnapshot(found.content, this.#store.statePath(found.name));
		restoreSnapshot(snapshot, loop, parts, readHistory(this.#folder, snapshot.state.loop.historyLength), (text) =>
			loop.notice(text),
		);
		this.#store.restoreNames(found.name);
		if (this.#store.leads('last', found.name)) {
			loop.atLast();
		}
		return { name: found.name, damaged: found.damaged };
	}

	/** Throws where there is none to go on from, or where others are gone that its state tells of; changes nothing. */
	requireUsable({ callbacks }: LoopParts): void {
		const found = this.#newestUsable();
		if (found !== undefined) {
			requireProgress(this.#folder, found.content.step);
			const { state } = toSnapshot(found.content, this.#store.statePath(found.name));
			const names = callbacks.flatMap(({ key, callback }) => {
				const saved = state.callbacks[key];
				return saved === undefined ? [] : callback.savedCheckpoints(saved.state);
			});
			// It gets those back that it was itself saved under, and makes again what came after it.
			const own = this.#store.savedAs(found.name);
			this.requireNames(names.filter((name) => !own.includes(name) && !this.#store.leadsBeyond(name, found.name)));
		}
	}

	/** Throws an EnvironmentError where one of these is not there any more. */
	requireNames(names: readonly string[]): void {
		const gone = names.filter((name) => !this.has(name));
		if (gone.length > 0) {
			throw new EnvironmentError(
				'checkpoint.gone',
				`${gone.map((name) => nearPath(checkpointPath(this.#folder, name))).join(' and ')} ${gone.length === 1 ? 'is' : 'are'} not there any more, and the run had saved ${gone.length === 1 ? 'it' : 'them'}. Put back what is missing, or use --force-new to move the run aside and begin anew.`,
			);
		}
	}

	#newestUsable(): ReturnType<CheckpointStore['newestGood']> {
		const found = this.#newest();
		// What has been trained since would be lost; where only events are, all of it is made again.
		if (found !== undefined && isBeginning(found) && isBeginning(this.#newestWithRows() ?? found)) {
			throw new EnvironmentError(
				'checkpoint.all_damaged',
				`No checkpoint in ${nearPath(runPath(this.#folder, 'checkpoints'))} but that of step 0 can be gone on from: ${found.damaged.join(' ')} Put back what is missing, or use --force-new to move the run aside and begin anew.`,
			);
		}
		return found;
	}

	// Events that are lost are no reason to give up, rows are: without them the tables would never be whole again.
	#newest(): ReturnType<CheckpointStore['newestGood']> {
		try {
			return this.#store.newestGood((stored, path) => {
				const state = checkState(stored, path);
				return [...missingRows(this.#folder, state), ...missingEvents(this.#folder, state)];
			});
		} catch (error) {
			if (error instanceof RefusedError) {
				throw error;
			}
			return this.#newestWithRows();
		}
	}

	#newestWithRows(): ReturnType<CheckpointStore['newestGood']> {
		return this.#store.newestGood((stored, path) => missingRows(this.#folder, checkState(stored, path)));
	}

	has(name: string): boolean {
		return this.#store.has(name);
	}

	names(): string[] {
		return this.#store.names();
	}

	/** Where the checkpoint called `name` stands, and the last row of its history. */
	standing(name: string): { readonly epoch: number; readonly step: number; readonly row: Readonly<Logs> | null } {
		const { epoch, step, lastRow } = this.load(name).state.loop;
		return { epoch, step, row: lastRow };
	}

	/** The checkpoint called `name`, verified. */
	load(name: string): Snapshot {
		return toSnapshot(this.#store.load(name), this.#store.statePath(name));
	}
}

function isBeginning({ content, damaged }: Good): boolean {
	return content.step === 0 && damaged.length > 0;
}

function toSnapshot({ tensors, state }: ReturnType<CheckpointStore['load']>, path: string): Snapshot {
	const { weights = {}, optimizer = {}, callbacks = {} } = tensors;
	return { weights, optimizer, callbacks, state: checkState(state, path), path };
}

function readHistory(folder: string, length: number): Logs[] {
	const path = runPath(folder, 'history');
	const found = readRows(path, length);
	const rows = Array.from({ length }, (_, i) => found[i] ?? {});
	return rows.map((row) =>
		Object.fromEntries(
			Object.entries(row).flatMap(([column, cell]) => {
				const value = toNumber(cell);
				return value === undefined ? [] : [[column, value]];
			}),
		),
	);
}
