import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { EnvironmentError } from '../core/errors.ts';
import { durableStep, guard, writeFileAtomic } from '../files/atomic.ts';
import { syncElsewhere } from '../files/background-writes.ts';

/** One value of a table; undefined and null are an empty field. */
export type Cell = number | string | boolean | null | undefined;
export type Row = Readonly<Record<string, Cell>>;

/**
 * A CSV file (RFC 4180, `\n`) that only grows, readable by others at every moment.
 *
 * A row with a column not seen before rewrites the file atomically with a longer header and blanks in earlier rows. A
 * torn last line, left by a process that died, is removed when the table is opened. Rows reach the disk for good at
 * `sync()`.
 */
export class Table {
	readonly path: string;
	#columns: string[];
	#rows: number;
	#bytes: number;
	#isTorn = false;

	private constructor(path: string, columns: string[], rows: number, bytes: number) {
		this.path = path;
		this.#columns = columns;
		this.#rows = rows;
		this.#bytes = bytes;
	}

	/** Opens a table, or begins one. With `keep`, only that many rows stay: what a resumed run does not repeat. */
	static open(path: string, columns: readonly string[] = [], keep = Number.POSITIVE_INFINITY): Table {
		const { columns: found, rows } = existsSync(path) ? readCells(path, keep) : { columns: [], rows: [] };
		if (keep !== Number.POSITIVE_INFINITY && rows.length < keep) {
			throw new EnvironmentError(
				'table.short',
				`${path} holds ${rows.length} whole rows; ${keep} were written. Was it edited?`,
			);
		}
		const kept = rows.slice(0, keep);
		const all = [...found, ...columns.filter((column) => !found.includes(column))];
		const content = formatTable(all, kept);
		if (!existsSync(path) || !readFileSync(path).equals(content)) {
			writeFileAtomic(path, content);
		}
		return new Table(path, all, kept.length, content.length);
	}

	get columns(): readonly string[] {
		return this.#columns;
	}

	/** How many rows it holds. */
	get length(): number {
		return this.#rows;
	}

	append(row: Row): void {
		const added = Object.keys(row).filter((column) => !this.#columns.includes(column));
		if (added.length > 0) {
			this.#widen(added);
		}
		const line = formatLines([this.#columns.map((column) => show(row[column]))]);
		guard(this.path, () => this.#write(line));
		this.#rows += 1;
	}

	/** Makes the rows so far survive losing power; waiting for the disk is another thread's. */
	sync(): Promise<void> {
		return syncElsewhere(this.path);
	}

	#write(line: Buffer): void {
		if (this.#isTorn) {
			durableStep({ kind: 'truncate', path: this.path, size: this.#bytes });
			truncateSync(this.path, this.#bytes);
		}
		// Stays set where the disk fills up in the middle of the line.
		this.#isTorn = true;
		durableStep({ kind: 'write', path: this.path, data: line });
		// One write call: a reader sees the whole line or none of it.
		appendFileSync(this.path, line);
		this.#isTorn = false;
		this.#bytes += line.length;
	}

	#widen(added: readonly string[]): void {
		const { rows } = readCells(this.path);
		const columns = [...this.#columns, ...added];
		const content = formatTable(columns, rows);
		writeFileAtomic(this.path, content);
		this.#columns = columns;
		this.#bytes = content.length;
		this.#isTorn = false;
	}
}

/**
 * Columns and rows of a table as text, without a torn last line; any other damage is an error, but for what comes after
 * the first `limit` rows.
 */
export function readCells(path: string, limit = Number.POSITIVE_INFINITY): { columns: string[]; rows: string[][] } {
	let text = readFileSync(path, 'utf8');
	for (;;) {
		text = text.slice(0, text.lastIndexOf('\n') + 1);
		try {
			const to = limit === Number.POSITIVE_INFINITY ? {} : { to: limit + 1 };
			const [columns = [], ...rows] = parse(text, { record_delimiter: '\n', ...to }) as string[][];
			return { columns: columns.join() === '' ? [] : columns, rows };
		} catch (error) {
			if ((error as { code?: string }).code !== 'CSV_QUOTE_NOT_CLOSED') {
				throw new EnvironmentError('table.damaged', `${path} is not a whole table: ${(error as Error).message}.`);
			}
			// The line break is inside a quoted field of the torn row.
			text = text.slice(0, -1);
		}
	}
}

/** Rows of a table by column, as text; empty fields are left out. */
export function readRows(path: string, limit?: number): Array<Record<string, string>> {
	const { columns, rows } = readCells(path, limit);
	return rows.map((row) =>
		Object.fromEntries(columns.map((column, i) => [column, row[i]!] as const).filter(([, cell]) => cell !== '')),
	);
}

/** A field as a number, undoing `show`: `nan`, `inf` and `-inf` included; undefined for what is no number. */
export function toNumber(cell: string | undefined): number | undefined {
	if (cell === undefined || cell === '') {
		return undefined;
	}
	const special = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[cell];
	const value = special ?? Number(cell);
	return special === undefined && Number.isNaN(value) ? undefined : value;
}

function formatTable(columns: readonly string[], rows: readonly (readonly string[])[]): Buffer {
	return formatLines([columns, ...rows.map((row) => columns.map((_, i) => row[i] ?? ''))]);
}

function formatLines(lines: readonly (readonly string[])[]): Buffer {
	// Readers that take a lone carriage return for the end of a line need it quoted.
	return Buffer.from(stringify([...lines], { quoted_match: /\r/u }));
}

function show(cell: Cell): string {
	if (cell === null || cell === undefined) {
		return '';
	}
	if (typeof cell !== 'number') {
		return String(cell);
	}
	if (Number.isNaN(cell)) {
		return 'nan';
	}
	return Number.isFinite(cell) ? String(cell) : cell > 0 ? 'inf' : '-inf';
}
