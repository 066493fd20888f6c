import type { Collected, ReportRun } from './collect.ts';
import { type Group, groupsOf } from './groups.ts';

/** The learning curves of one column, thinned for display. */
export interface Curves {
	readonly column: string;
	/** Per run: a value per entry of `epochs`, null where there is none. */
	readonly values: ReadonlyArray<ReadonlyArray<number | null>>;
}

/** Curves of all runs on one axis of epochs, counted from 1. */
export interface CurveSet {
	readonly epochs: readonly number[];
	/** Per curve: its run's label and the number of its group. */
	readonly runs: ReadonlyArray<{ readonly label: string; readonly group: number }>;
	readonly groups: readonly string[];
	readonly curves: readonly Curves[];
	/** Of the longest run. */
	readonly length: number;
}

// About 5 MB of text: what a phone still opens.
const mostValues = 800_000;
const fewestPoints = 40;
const mostPoints = 500;

/** The learning curves of a report: losses and figures of merit of training and validation, by epoch. */
export function curvesOf(collected: Collected, groups: readonly Group[] = groupsOf(collected)): CurveSet {
	const drawn = groups.flatMap((group, at) => group.runs.filter(hasRows).map((run) => ({ run, group: at })));
	const columns = columnsOf(drawn.map(({ run }) => run));
	const length = drawn.reduce((most, { run }) => Math.max(most, run.history!.length), 0);
	const rows = thinned(length, mostValues / Math.max(1, drawn.length * columns.length));
	const sampled = drawn.map(({ run }) => run.history!.sample(columns, rows).map((values) => values.map(rounded)));
	return {
		epochs: rows.map((row) => row + 1),
		runs: drawn.map(({ run, group }) => ({ label: run.label, group })),
		groups: groups.map(({ title }) => title),
		curves: columns.map((column, at) => ({ column, values: sampled.map((run) => run[at]!) })),
		length,
	};
}

function hasRows(run: ReportRun): boolean {
	return run.history !== undefined && run.history.length > 0;
}

// Validation first: that is what runs are compared by.
function columnsOf(runs: readonly ReportRun[]): string[] {
	const names = new Set(
		runs.flatMap(({ history }) => history!.columns.filter((name) => /^(?:train|valid)\//u.test(name))),
	);
	const rank = (name: string) => (name.startsWith('valid/') ? 0 : 2) + (name.endsWith('/loss') ? 1 : 0);
	return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, 8);
}

/** At most so many of `length` rows, evenly spaced, the first and the last among them. */
export function thinned(length: number, points: number): number[] {
	const count = Math.min(length, Math.max(fewestPoints, Math.min(mostPoints, Math.floor(points))));
	return Array.from({ length: count }, (_, at) =>
		count === 1 ? length - 1 : Math.round((at * (length - 1)) / (count - 1)),
	);
}

function rounded(value: number): number | null {
	return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
