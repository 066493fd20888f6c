import { existsSync, readFileSync } from 'node:fs';
import { runPath } from '../paths.ts';
import { readCells, toNumber } from '../table.ts';
import type { Findings, Instant } from './findings.ts';

/** Checks `history.csv` and `steps.csv`: fields of every row, order, and no fewer rows than the checkpoint relies on. */
export function checkTables(folder: string, last: Instant | undefined, isFinished: boolean, findings: Findings): void {
	const { problems } = findings;
	const history = checkTable(runPath(folder, 'history'), 'epoch', last?.historyRows ?? 0, last, isFinished, findings);
	history?.forEach((epoch, i) => {
		if (epoch !== i) {
			problems.push(`${runPath(folder, 'history')}: row ${i + 1} is of epoch ${epoch}; ${i} is expected.`);
		}
	});
	const expected = (last?.historyRows ?? 0) + (last?.isInEpoch ? 1 : 0);
	if (
		isFinished &&
		history !== undefined &&
		last !== undefined &&
		last.historyRows > 0 &&
		history.length !== expected
	) {
		problems.push(`${runPath(folder, 'history')} holds ${history.length} rows; the finished run has ${expected}.`);
	}
	const steps = checkTable(runPath(folder, 'steps'), 'step', last?.stepRows ?? 0, last, isFinished, findings);
	steps?.forEach((step, i) => {
		if (i > 0 && !(step > steps[i - 1]!)) {
			problems.push(`${runPath(folder, 'steps')}: row ${i + 1} is of step ${step}, after step ${steps[i - 1]}.`);
		}
	});
}

function checkTable(
	path: string,
	key: string,
	relied: number,
	last: Instant | undefined,
	isFinished: boolean,
	findings: Findings,
): number[] | undefined {
	if (!existsSync(path)) {
		if (relied > 0) {
			findings.problems.push(`${path} is missing; the checkpoint ${last?.checkpoint} relies on ${relied} rows.`);
		}
		return undefined;
	}
	findings.files += 1;
	let cells: ReturnType<typeof readCells>;
	try {
		cells = readCells(path);
	} catch (error) {
		findings.problems.push((error as Error).message);
		return undefined;
	}
	const { columns, rows } = cells;
	if (!readFileSync(path, 'utf8').endsWith('\n')) {
		(isFinished ? findings.problems : findings.notes).push(`${path} ends in a torn line.`);
	}
	rows.forEach((row, i) => {
		if (row.length !== columns.length) {
			findings.problems.push(`${path}: row ${i + 1} has ${row.length} fields; the header has ${columns.length}.`);
		}
	});
	if (rows.length < relied) {
		findings.problems.push(
			`${path} holds ${rows.length} whole rows; the checkpoint ${last?.checkpoint} relies on ${relied}.`,
		);
	}
	const column = columns.indexOf(key);
	return rows.map((row) => toNumber(row[column]) ?? Number.NaN);
}
