import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { runPath } from '../run/paths.ts';
import { toNumber } from '../run/table.ts';
import { reasonOf } from './run-config.ts';

/** A table of a run, a row per epoch; columns are parsed when they are asked for. */
export class History {
	readonly columns: readonly string[];
	/** How many whole rows there are. */
	readonly length: number;
	/** Why rows are missing; undefined where all is well. */
	readonly problem: string | undefined;
	readonly #rows: ReadonlyArray<string | readonly string[]>;
	readonly #parsed = new Map<string, Float64Array>();

	/** A row is its fields, or a line without quotes that is split when a field of it is asked for. */
	constructor(columns: readonly string[], rows: ReadonlyArray<string | readonly string[]>, problem?: string) {
		this.columns = columns;
		this.length = rows.length;
		this.problem = problem;
		this.#rows = rows;
	}

	has(column: string): boolean {
		return this.columns.includes(column);
	}

	/** A column as numbers; NaN for an empty field, for text, and for a column there is none of. */
	column(name: string): Float64Array {
		let values = this.#parsed.get(name);
		if (values === undefined) {
			values = Float64Array.from(this.texts(name), (text) => toNumber(text) ?? Number.NaN);
			this.#parsed.set(name, values);
		}
		return values;
	}

	/** A column as it stands in the file; `''` for an empty field. */
	texts(name: string): string[] {
		const at = this.columns.indexOf(name);
		return this.#rows.map((_, row) => (at < 0 ? '' : (this.#cells(row)[at] ?? '')));
	}

	/** Some rows of some columns as numbers, a list per column: quicker than whole columns where rows are left out. */
	sample(columns: readonly string[], rows: readonly number[]): number[][] {
		const places = columns.map((name) => this.columns.indexOf(name));
		const cells = rows.map((row) => (row < this.length ? this.#cells(row) : []));
		return places.map((at) => cells.map((row) => (at < 0 ? undefined : toNumber(row[at])) ?? Number.NaN));
	}

	#cells(row: number): readonly string[] {
		const stored = this.#rows[row]!;
		return typeof stored === 'string' ? stored.split(',') : stored;
	}

	/** The last number of each column that has one, NaN included. */
	last(): Record<string, number> {
		const found: Record<string, number> = {};
		this.columns.forEach((column, at) => {
			for (let row = this.#rows.length - 1; row >= 0; row--) {
				const value = toNumber(this.#cells(row)[at]);
				if (value !== undefined) {
					found[column] = value;
					break;
				}
			}
		});
		return found;
	}
}

/** The history of a run, from its `history.csv`. Never throws: a run that has none yet has no rows and a `problem`. */
export function loadH(run: string): History {
	return loadTable(runPath(run, 'history'));
}

/** Any table of a run, such as `steps.csv`; a torn last line is left out. */
export function loadTable(path: string): History {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		return new History([], [], reasonOf(path, error));
	}
	return parseTable(text, path);
}

/** The text of a table; what stands after its last whole line is left out. */
export function parseTable(text: string, path = 'the table'): History {
	const whole = text.slice(0, text.lastIndexOf('\n') + 1);
	if (whole.includes('"')) {
		return parseQuoted(whole, path);
	}
	const [header = '', ...lines] = whole.split('\n').slice(0, -1);
	const columns = header === '' ? [] : header.split(',');
	return checked(columns, lines, path);
}

// Rare: a column or a field with a comma, a quote or a line break in it.
function parseQuoted(text: string, path: string): History {
	try {
		const [columns = [], ...rows] = parse(text, { record_delimiter: '\n', relax_column_count: true }) as string[][];
		return checked(columns, rows, path);
	} catch (error) {
		const before = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
		return (error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED' && before !== ''
			? parseTable(before, path)
			: new History([], [], `${path} is no whole table: ${(error as Error).message}`);
	}
}

// Rows of another length than the header are damage: their numbers could belong to any column.
function checked(columns: readonly string[], rows: ReadonlyArray<string | readonly string[]>, path: string): History {
	const good = rows.filter((row) => (typeof row === 'string' ? fieldsIn(row) : row.length) === columns.length);
	const bad = rows.length - good.length;
	return new History(columns, good, bad === 0 ? undefined : `${path}: ${bad} of ${rows.length} rows are damaged`);
}

function fieldsIn(line: string): number {
	let count = 1;
	for (let at = line.indexOf(','); at >= 0; at = line.indexOf(',', at + 1)) {
		count++;
	}
	return count;
}
