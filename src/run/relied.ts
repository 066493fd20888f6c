import { wholeBytes } from './events.ts';
import { decodeNumbers } from './exact-json.ts';
import { runPath } from './paths.ts';
import { countRows } from './table-reading.ts';

/** What a checkpoint says of the files that grow: at least so much of them must be there. */
export interface Relied {
	readonly historyRows: number;
	readonly stepRows: number;
	readonly eventBytes: number;
	/** Saved in the middle of an epoch. */
	readonly isInEpoch: boolean;
}

/** Reads from a checkpoint's `state.json` what it relies on. */
export function reliedOn(stored: unknown): Relied {
	const state = decodeNumbers(stored) as {
		loop?: { historyLength?: number; batch?: number };
		callbacks?: Record<string, { state?: Record<string, unknown> }>;
	};
	const remembered = (callback: string, name: string) => Number(state.callbacks?.[callback]?.state?.[name] ?? 0);
	return {
		historyRows: state.callbacks?.['csv_logger'] === undefined ? 0 : (state.loop?.historyLength ?? 0),
		stepRows: remembered('csv_logger', 'stepRows'),
		eventBytes: remembered('tensorboard', 'length'),
		isInEpoch: (state.loop?.batch ?? 0) > 0,
	};
}

/** What of the tables a checkpoint relies on is not there any more, one sentence each. */
export function missingRows(folder: string, stored: unknown): string[] {
	const { historyRows, stepRows } = reliedOn(stored);
	const tables = [
		['history', historyRows],
		['steps', stepRows],
	] as const;
	return tables.flatMap(([file, relied]) => {
		const path = runPath(folder, file);
		const rows = relied === 0 ? 0 : countRows(path, relied);
		return rows < relied ? [`${path} holds ${rows} whole rows; it relies on ${relied}.`] : [];
	});
}

/** The same of the event file. */
export function missingEvents(folder: string, stored: unknown): string[] {
	const { eventBytes } = reliedOn(stored);
	const path = runPath(folder, 'events');
	const bytes = eventBytes === 0 ? 0 : wholeBytes(path);
	return bytes < eventBytes ? [`${path} is whole for ${bytes} bytes; it relies on ${eventBytes}.`] : [];
}
