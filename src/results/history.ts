import { runPath } from '../run/paths.ts';
import { cellsOf } from '../run/record-reader.ts';
import { toNumber } from '../run/table.ts';
import { readCells } from '../run/table-reading.ts';
import { reasonOf } from './run-config.ts';
import { scanTable, TableRows } from './table-rows.ts';

/** A table of a run, a row per epoch; columns are parsed when they are asked for. */
export class History {
	readonly columns: readonly string[];
	/** How many whole rows there are. */
	readonly length: number;
	/** Why rows are missing; undefined where all is well. */
	readonly problem: string | undefined;
	readonly #rows: TableRows;
	readonly #places: ReadonlyMap<string, number>;
	readonly #parsed = new Map<string, Float64Array>();

	constructor(columns: readonly string[], rows: TableRows, problem?: string) {
		this.columns = columns;
		this.length = rows.length;
		this.problem = problem;
		this.#rows = rows;
		this.#places = new Map(columns.map((column, at) => [column, at]));
	}

	has(column: string): boolean {
		return this.#places.has(column);
	}

	/** A column as numbers; NaN for an empty field, for text, and for a column there is none of. */
	column(name: string): Float64Array {
		let values = this.#parsed.get(name);
		if (values === undefined) {
			values = new Float64Array(this.length).fill(Number.NaN);
			let row = 0;
			for (const cells of this.#rows.from(0)) {
				values[row++] = this.#number(cells, name);
			}
			this.#parsed.set(name, values);
		}
		return values;
	}

	/** A column as it stands in the file; `''` for an empty field. */
	texts(name: string): string[] {
		const at = this.#places.get(name) ?? -1;
		return Array.from(this.#rows.from(0), (cells) => cells[at] ?? '');
	}

	/** The fields of each row from `first` on, in the order of the columns. */
	rows(first = 0): Iterable<readonly string[]> {
		return this.#rows.from(first);
	}

	/** Some rows of some columns as numbers, a list per column: quicker than whole columns where rows are left out. */
	sample(columns: readonly string[], rows: readonly number[]): number[][] {
		const cells = rows.map((row) => this.#rows.cells(row));
		return columns.map((name) => cells.map((row) => this.#number(row, name)));
	}

	/** The last number of each column that has one, NaN included. */
	last(): Record<string, number> {
		const found = new Map<string, number>();
		let missing = this.columns.map((column, at) => [column, at] as const);
		for (let block = this.#rows.starts.length - 1; block >= 0 && missing.length > 0; block--) {
			const rows = this.#rows.block(block);
			for (let row = rows.length - 1; row >= 0 && missing.length > 0; row--) {
				const cells = cellsOf(rows[row]!);
				missing = missing.filter(([column, at]) => {
					const value = toNumber(cells[at]);
					if (value !== undefined) {
						found.set(column, value);
					}
					return value === undefined;
				});
			}
		}
		return Object.fromEntries(this.columns.flatMap((name) => (found.has(name) ? [[name, found.get(name)!]] : [])));
	}

	#number(cells: readonly string[], name: string): number {
		const at = this.#places.get(name);
		return (at === undefined ? undefined : toNumber(cells[at])) ?? Number.NaN;
	}
}

/** The history of a run, from its `history.csv`. Never throws: a run that has none yet has no rows and a `problem`. */
export function loadH(run: string): History {
	return loadTable(runPath(run, 'history'));
}

/** The columns of a run's history; none where it has none that can be read. */
export function columnsOf(run: string): readonly string[] {
	try {
		return readCells(runPath(run, 'history'), 0).columns;
	} catch {
		return [];
	}
}

/** Any table of a run, such as `steps.csv`; a torn last line is left out. */
export function loadTable(path: string): History {
	try {
		const table = scanTable(path);
		return table === undefined
			? nothing(`there is no ${path}`)
			: new History(table.columns, table.rows, problemOf(path, table));
	} catch (error) {
		return nothing(reasonOf(path, error));
	}
}

// Rows of another length than the header are damage: their numbers could belong to any column.
function problemOf(path: string, { rows, damaged, problem }: NonNullable<ReturnType<typeof scanTable>>) {
	return problem ?? (damaged === 0 ? undefined : `${path}: ${damaged} of ${rows.length + damaged} rows are damaged`);
}

function nothing(problem: string): History {
	return new History([], new TableRows(0, [], () => []), problem);
}
