import { readRecord } from '../run/layouts.ts';
import type { Status } from '../run/status.ts';
import { type History, loadH } from './history.ts';
import { reachedBy } from './reached.ts';
import { type Figures, isSummaryOf, type ShownState, stateNow, summaryFigures } from './run-results.ts';

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

/** A row, and what is wrong with the files that it comes from, one line each. */
export interface ReadRow {
	readonly row: RunRow;
	readonly problems: readonly string[];
}

/** Reads a run folder whose entries are `names`. Never throws. */
export function readRow(path: string, run: string, names: readonly string[]): ReadRow {
	const { status, problem } = statusOf(path);
	const state = status === undefined ? 'unknown' : status.state === 'running' ? stateNow(path) : status.state;
	const isSummed = names.includes('summary.json') && isSummaryOf(status);
	// A run of which all is known from its summary need not be read further.
	const history = isSummed || !names.includes('history.csv') ? undefined : loadH(path);
	const { figures, problems } = isSummed ? summaryFigures(path) : lastFigures(history);
	const { epoch, step } = reachedBy(path, status, history);
	const row = {
		run,
		state,
		reason: status === undefined ? 'status.json cannot be understood' : status.reason,
		epoch,
		step,
		created: status?.created ?? '',
		updated: status?.updated ?? '',
		kept: names.includes(keepMarker),
		metrics: figures,
	};
	return { row, problems: problem === undefined ? problems : [problem, ...problems] };
}

function statusOf(path: string): { readonly status: Status | undefined; readonly problem: string | undefined } {
	try {
		return { status: readRecord(path, 'status'), problem: undefined };
	} catch (error) {
		return { status: undefined, problem: (error as Error).message };
	}
}

function lastFigures(history: History | undefined): Figures {
	const problem = history?.problem;
	return { figures: history?.last() ?? {}, problems: problem === undefined ? [] : [problem] };
}
