import { existsSync } from 'node:fs';
import { CheckpointStore } from '../../run/checkpoint-store.ts';
import { decodeNumbers, encodeNumbers } from '../../run/exact-json.ts';
import { runPath } from '../../run/paths.ts';
import { readRows, toNumber } from '../../run/table.ts';
import type { Logs } from '../../train/contracts/callback.ts';
import type { Loop, LoopParts } from '../../train/loop.ts';
import { restoreSnapshot, type Snapshot, type SnapshotState, takeSnapshot } from '../../train/snapshot.ts';

const schema = 'gimlet.checkpoint/1';

/** The checkpoints of a run as the loop sees them. */
export class Checkpoints {
	readonly #store: CheckpointStore;
	readonly #folder: string;

	constructor(folder: string, check?: () => void) {
		this.#folder = folder;
		this.#store = new CheckpointStore(runPath(folder, 'checkpoints'), check);
	}

	/** Saves the loop as it stands under all `names`. */
	async save(names: readonly string[], loop: Loop, parts: LoopParts): Promise<void> {
		const { weights, optimizer, callbacks, state } = await takeSnapshot(loop, parts);
		this.#store.save(
			names,
			loop.step,
			{ tensors: { weights, optimizer, callbacks }, state: encodeNumbers({ schema, ...state }) },
			loop.retention,
		);
	}

	/** Puts the newest whole checkpoint back; undefined where there is none. */
	restore(loop: Loop, parts: LoopParts): { readonly name: string; readonly damaged: readonly string[] } | undefined {
		const found = this.#store.newestGood();
		if (found === undefined) {
			return undefined;
		}
		const snapshot = toSnapshot(found.content);
		restoreSnapshot(snapshot, loop, parts, readHistory(this.#folder, snapshot.state.loop.historyLength), (text) =>
			loop.notice(text),
		);
		return { name: found.name, damaged: found.damaged };
	}

	has(name: string): boolean {
		return this.#store.has(name);
	}

	names(): string[] {
		return this.#store.names();
	}

	/** The checkpoint called `name`, verified. */
	load(name: string): Snapshot {
		return toSnapshot(this.#store.load(name));
	}
}

function toSnapshot({ tensors, state }: ReturnType<CheckpointStore['load']>): Snapshot {
	const { weights = {}, optimizer = {}, callbacks = {} } = tensors;
	return { weights, optimizer, callbacks, state: decodeNumbers(state) as SnapshotState };
}

function readHistory(folder: string, length: number): Logs[] {
	const path = runPath(folder, 'history');
	const found = existsSync(path) ? readRows(path) : [];
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
