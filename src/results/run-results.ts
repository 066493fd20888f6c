import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPath } from '../run/paths.ts';
import { currentState, type RunState, readStatus, type Status } from '../run/status.ts';
import { toNumber } from '../run/table.ts';
import { type History, loadH } from './history.ts';
import { loadC, type RunConfig } from './run-config.ts';

/** A state as it is now: one that is recorded, `stale`, or `unknown` where the record cannot be read. */
export type ShownState = RunState | 'stale' | 'unknown';

/** Config, history and outcome of a run. */
export interface RunResults {
	/** As it was named. */
	readonly run: string;
	readonly state: ShownState;
	readonly status: Status | undefined;
	readonly config: RunConfig;
	readonly history: History;
	/** The last value of each history column, then the figures of `summary.json` and of `eval/`. */
	readonly metrics: Readonly<Record<string, number>>;
	/** What is missing or damaged, one line each. */
	readonly problems: readonly string[];
}

/** Everything a run says of itself. Never throws, also while the run is being written or after it was cut off. */
export function loadHC(run: string): RunResults {
	const config = loadC(run);
	const history = loadH(run);
	const status = readStatus(run);
	const problems = [config.problem, history.problem].filter((problem) => problem !== undefined);
	if (status === undefined) {
		problems.unshift(`there is no ${runPath(run, 'status')} that this program understands`);
	}
	const metrics = { ...history.last(), ...evaluations(run), ...summaryFigures(run) };
	return { run, state: stateNow(run), status, config, history, metrics, problems };
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

/** The figures of `summary.json`: those of the last epoch and of the test; none where there is no summary. */
export function summaryFigures(run: string): Record<string, number> {
	const summary = readJson(runPath(run, 'summary'));
	return { ...numbersOf(summary?.['last']), ...numbersOf(summary?.['test']) };
}

// An evaluation of the checkpoint that was tested has its own column; of others, the checkpoint belongs to the name.
function evaluations(run: string): Record<string, number> {
	const folder = runPath(run, 'evaluations');
	const found: Record<string, number> = {};
	for (const file of namesIn(folder).filter((name) => name.endsWith('.json'))) {
		const evaluation = readJson(join(folder, file));
		for (const [name, value] of Object.entries(numbersOf(evaluation?.['metrics']))) {
			found[`${name}@${String(evaluation?.['checkpoint'])}`] = value;
		}
	}
	return found;
}

function readJson(path: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

function numbersOf(value: unknown): Record<string, number> {
	const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
	return Object.fromEntries(
		entries.flatMap(([name, cell]) => {
			const number = typeof cell === 'number' ? cell : typeof cell === 'string' ? toNumber(cell) : undefined;
			return number === undefined ? [] : [[name, number]];
		}),
	);
}

function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder).sort();
	} catch {
		return [];
	}
}
