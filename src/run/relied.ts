import type { CheckpointState } from './checkpoint-state.ts';
import { wholeBytes } from './events.ts';
import { runPath } from './paths.ts';
import { countRows, type IsNext } from './table-reading.ts';

/** What a checkpoint says of the files that grow: at least so much of them must be there. */
export interface Relied {
	readonly historyRows: number;
	readonly stepRows: number;
	readonly eventBytes: number;
	/** Saved in the middle of an epoch. */
	readonly isInEpoch: boolean;
}

/** Finds in the state of a checkpoint what it relies on. */
export function reliedOn({ loop, callbacks }: CheckpointState): Relied {
	const remembered = (callback: string, name: string) => Number(callbacks[callback]?.state[name] ?? 0);
	return {
		historyRows: callbacks['csv_logger'] === undefined ? 0 : loop.historyLength,
		stepRows: remembered('csv_logger', 'stepRows'),
		eventBytes: remembered('tensorboard', 'length'),
		isInEpoch: loop.batch > 0,
	};
}

/** What of the tables a checkpoint relies on is not there any more, one sentence each. */
export function missingRows(folder: string, state: CheckpointState): string[] {
	const { historyRows, stepRows } = reliedOn(state);
	const tables = [
		['history', historyRows, 'epoch', (epoch: number, rows: number) => epoch === rows],
		['steps', stepRows, 'step', rising(state.loop.step)],
	] as const;
	return tables.flatMap(([file, relied, key, isNext]) => {
		const path = runPath(folder, file);
		const rows = relied === 0 ? 0 : countRows(path, relied, key, isNext);
		return rows < relied ? [`${path} holds ${rows} whole rows in their order; it relies on ${relied}.`] : [];
	});
}

// Numbers that rise from row to row, and end where the run stands.
function rising(end: number): IsNext {
	let before = 0;
	return (value) => {
		const isRight = value > before && value <= end;
		before = value;
		return isRight;
	};
}

/** The same of the event file. */
export function missingEvents(folder: string, state: CheckpointState): string[] {
	const { eventBytes } = reliedOn(state);
	const path = runPath(folder, 'events');
	const bytes = eventBytes === 0 ? 0 : wholeBytes(path);
	return bytes < eventBytes ? [`${path} is whole for ${bytes} bytes; it relies on ${eventBytes}.`] : [];
}
