import { readStatus } from '../run/status.ts';
import { loadH } from './history.ts';
import { type ShownState, stateNow, summaryFigures } from './run-results.ts';

/** What a list shows of a run, small enough for an index of thousands. */
export interface RunRow {
	/** Relative to the folder that was searched; `.` for that folder itself. */
	readonly run: string;
	readonly state: ShownState;
	readonly reason: string;
	readonly epoch: number;
	readonly step: number;
	/** ISO times; empty where not known. */
	readonly created: string;
	readonly updated: string;
	/** Protected from removal. */
	readonly kept: boolean;
	/** The figures of the last epoch and of the test. */
	readonly metrics: Readonly<Record<string, number>>;
}

/** The marker that protects a run folder from removal. */
export const keepMarker = 'KEEP';

/** Reads a run folder whose entries are `names`. Never throws. */
export function readRow(path: string, run: string, names: readonly string[]): RunRow {
	const status = readStatus(path);
	const state = status === undefined ? 'unknown' : status.state === 'running' ? stateNow(path) : status.state;
	const metrics = names.includes('summary.json') ? summaryFigures(path) : loadH(path).last();
	return {
		run,
		state,
		reason: status === undefined ? 'status.json cannot be understood' : status.reason,
		epoch: status?.epoch ?? 0,
		step: status?.step ?? 0,
		created: status?.created ?? '',
		updated: status?.updated ?? '',
		kept: names.includes(keepMarker),
		metrics,
	};
}
