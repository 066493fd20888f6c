import type { z } from 'zod';
import { namesInside, statInside } from '../files/inside.ts';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { evaluationLayout, type layouts, readRecord } from '../run/layouts.ts';
import { runFiles, runPath } from '../run/paths.ts';
import { currentState, isDone, type RunState, readStatus, type Status } from '../run/status.ts';
import { toNumber } from '../run/table.ts';
import type { RunColumns } from './columns.ts';
import { type History, loadH } from './history.ts';
import { type Reached, reachedBy } from './reached.ts';
import { loadCode, type RunCode } from './run-code.ts';
import { loadC, type RunConfig } from './run-config.ts';

type Summary = z.output<(typeof layouts)['summary']>;

/** A state as it is now: one that is recorded, `stale`, or `unknown` where the record cannot be read. */
export type ShownState = RunState | 'stale' | 'unknown';

/** Config, history and outcome of a run. */
export interface RunResults {
	/** As it was named. */
	readonly run: string;
	readonly state: ShownState;
	readonly status: Status | undefined;
	/** Completed epochs and steps, also of a run at work. */
	readonly reached: Reached;
	readonly config: RunConfig;
	readonly history: History;
	/** What computed it; undefined where that is not recorded. */
	readonly code: RunCode | undefined;
	/**
	 * The last value of each history column, then the figures of `summary.json` and of `eval/`; `valid/loss@best` is of the
	 * checkpoint best, and `valid/loss` of the last epoch.
	 */
	readonly metrics: Readonly<Record<string, number>>;
	/** Undefined where the run records none, as older ones do. */
	readonly columns: RunColumns | undefined;
	/** What is missing or damaged, one line each. */
	readonly problems: readonly string[];
}

/** Everything a run says of itself. Never throws, also while the run is being written or after it was cut off. */
export function loadHC(run: string): RunResults {
	const config = loadC(run);
	const history = loadH(run);
	const status = readOr(() => readRecord(run, 'status'));
	const evaluations = evaluationFigures(run);
	const summary = isSummaryOf(status.value) ? summaryFigures(run) : { figures: {}, problems: [] };
	const columns = readOr(() => readRecord(run, 'columns'));
	// A run whose first epoch is not over has no history yet.
	const isYoung = status.value?.epoch === 0 && statOrNothing(run, runFiles.history) === undefined;
	const problems = [
		status.problem ?? (status.value === undefined ? `there is no ${runPath(run, 'status')}` : undefined),
		config.problem,
		columns.problem,
		isYoung ? undefined : history.problem,
		...evaluations.problems,
		...summary.problems,
	].filter((problem) => problem !== undefined);
	const metrics = { ...history.last(), ...evaluations.figures, ...summary.figures };
	const reached = reachedBy(run, status.value, history);
	const code = loadCode(run);
	const state = stateNow(run);
	return {
		run,
		state,
		status: status.value,
		reached,
		config,
		history,
		code,
		metrics,
		columns: columns.value,
		problems,
	};
}

/** The state of a run as it is now. Never throws. */
export function stateNow(run: string): ShownState {
	try {
		return currentState(run) ?? 'unknown';
	} catch {
		// Judging a process elsewhere needs to write; where that is not allowed, what is recorded stands.
		return readStatus(run)?.state ?? 'unknown';
	}
}

/** Whether a summary tells of all that was trained: one that goes on after its end has that of its former end. */
export function isSummaryOf(status: Status | undefined): boolean {
	return status === undefined || isDone(status.state);
}

/** Figures by name, and why some are missing, one line each. */
export interface Figures {
	readonly figures: Readonly<Record<string, number>>;
	readonly problems: readonly string[];
}

/** The figures of `summary.json`: of the last epoch, of the test and of checkpoints; none where there is no summary. */
export function summaryFigures(run: string): Figures {
	const { value, problem } = readOr(() => readRecord(run, 'summary'));
	return {
		figures: { ...numbersOf(value?.last), ...checkpointFigures(value?.checkpoints), ...numbersOf(value?.test) },
		problems: problem === undefined ? [] : [problem],
	};
}

// Validation only: the figures of training are means over an epoch, not those of a checkpoint.
function checkpointFigures(checkpoints: Summary['checkpoints'] = {}): Record<string, number> {
	const found = Object.entries(checkpoints).flatMap(([name, { figures }]) =>
		Object.entries(numbersOf(figures))
			.filter(([column]) => column.startsWith('valid/'))
			.map(([column, figure]) => [`${column}@${name}`, figure] as const),
	);
	return Object.fromEntries(found);
}

// An evaluation of the checkpoint that was tested has its own column; of others, the checkpoint belongs to the name.
function evaluationFigures(run: string): Figures {
	const names = readOr(() => namesInside(run, runFiles.evaluations));
	const problems = names.problem === undefined ? [] : [names.problem];
	const found: Array<readonly [string, number]> = [];
	for (const file of (names.value ?? []).filter((name) => name.endsWith('.json') && !name.startsWith('.'))) {
		const { value, problem } = readOr(() =>
			readRecordInside(run, `${runFiles.evaluations}/${file}`, evaluationLayout, limits.record),
		);
		if (problem !== undefined) {
			problems.push(problem);
		}
		for (const [name, figure] of Object.entries(numbersOf(value?.metrics))) {
			const other = value?.other === undefined ? '' : `~${value.other}`;
			found.push([`${name}@${value?.checkpoint}${other}`, figure]);
		}
	}
	return { figures: Object.fromEntries(found), problems };
}

function readOr<T>(read: () => T): { readonly value: T | undefined; readonly problem: string | undefined } {
	try {
		return { value: read(), problem: undefined };
	} catch (error) {
		return { value: undefined, problem: (error as Error).message };
	}
}

function statOrNothing(run: string, name: string): unknown {
	return readOr(() => statInside(run, name)).value;
}

function numbersOf(cells: Readonly<Record<string, number | string>> = {}): Record<string, number> {
	return Object.fromEntries(
		Object.entries(cells).flatMap(([name, cell]) => {
			const number = typeof cell === 'number' ? cell : toNumber(cell);
			return number === undefined ? [] : [[name, number]];
		}),
	);
}
