import { basename, dirname } from 'node:path';
import { withFile } from '../../files/reading.ts';
import { runPath } from '../paths.ts';
import { RecordReader } from '../record-reader.ts';
import { toNumber } from '../table.ts';
import { headerOf } from '../table-reading.ts';
import type { Findings, Instant } from './findings.ts';

/** Checks `history.csv` and `steps.csv`: fields of every row, order, and no fewer rows than the checkpoint relies on. */
export function checkTables(folder: string, last: Instant | undefined, isFinished: boolean, findings: Findings): void {
	const context = { last, isFinished, findings };
	const history = runPath(folder, 'history');
	const rows = checkTable(history, 'epoch', last?.historyRows ?? 0, context, (epoch, row) =>
		epoch === row - 1 ? undefined : `row ${row} is of epoch ${epoch}; ${row - 1} is expected.`,
	);
	const expected = (last?.historyRows ?? 0) + (last?.isInEpoch ? 1 : 0);
	if (isFinished && rows !== undefined && last !== undefined && last.historyRows > 0 && rows !== expected) {
		findings.problems.push(`${history} holds ${rows} rows; the finished run has ${expected}.`);
	}
	let before = Number.NEGATIVE_INFINITY;
	checkTable(runPath(folder, 'steps'), 'step', last?.stepRows ?? 0, context, (step, row) => {
		const problem = step > before ? undefined : `row ${row} is of step ${step}, after step ${before}.`;
		before = step;
		return problem;
	});
}

interface Context {
	readonly last: Instant | undefined;
	readonly isFinished: boolean;
	readonly findings: Findings;
}

/** What is wrong with the key of a row. */
type CheckKey = (key: number, row: number) => string | undefined;

/** Returns how many whole rows there are; undefined without a table, or with one that cannot be read. */
function checkTable(path: string, key: string, relied: number, context: Context, check: CheckKey): number | undefined {
	const { last, isFinished, findings } = context;
	let found: Found | undefined;
	try {
		found = readTable(path, key, check);
	} catch (error) {
		findings.problems.push((error as Error).message);
		return undefined;
	}
	if (found === undefined) {
		if (relied > 0) {
			findings.problems.push(`${path} is missing; the checkpoint ${last?.checkpoint} relies on ${relied} rows.`);
		}
		return undefined;
	}
	findings.files += 1;
	for (const problem of found.problems) {
		findings.problems.push(problem);
	}
	if (found.isTorn) {
		(isFinished ? findings.problems : findings.notes).push(`${path} ends in a torn line.`);
	}
	if (found.rows < relied) {
		findings.problems.push(
			`${path} holds ${found.rows} whole rows; the checkpoint ${last?.checkpoint} relies on ${relied}.`,
		);
	}
	return found.rows;
}

interface Found {
	readonly rows: number;
	readonly isTorn: boolean;
	readonly problems: readonly string[];
}

// Of a table that is nothing but damage, the first rows say it.
const mostProblems = 10;

function readTable(path: string, key: string, check: CheckKey): Found | undefined {
	return withFile(dirname(path), basename(path), (file, size) => {
		const reader = new RecordReader(file, path);
		const columns = headerOf(reader);
		const at = columns.indexOf(key);
		const problems: string[] = [];
		let [rows, bad] = [0, 0];
		while (reader.next()) {
			const isWhole = reader.isWhole(columns.length);
			rows += isWhole ? 1 : 0;
			const problem = isWhole
				? check(toNumber(reader.cells()[at]) ?? Number.NaN, rows)
				: `row ${rows + bad + 1} has ${reader.fields} fields; the header has ${columns.length}.`;
			bad += problem === undefined ? 0 : 1;
			if (problem !== undefined && bad <= mostProblems) {
				problems.push(`${path}: ${problem}`);
			}
		}
		return {
			rows,
			isTorn: reader.end < size,
			problems: bad > mostProblems ? [...problems, `${path}: ${bad} rows are wrong in all.`] : problems,
		};
	});
}
