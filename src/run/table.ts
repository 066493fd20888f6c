import { appendFileSync, closeSync, fstatSync, ftruncateSync, lstatSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { EnvironmentError } from '../core/errors.ts';
import { durableStep, guard, replaceInPieces, writeFileAtomic } from '../files/atomic.ts';
import { syncOpenFile } from '../files/background-writes.ts';
import { openForAppend } from '../files/writing.ts';
import { measure } from './table-reading.ts';
import { putBack, widenRows } from './table-rewriting.ts';

/** One value of a table; undefined and null are an empty field. */
export type Cell = number | string | boolean | null | undefined;
export type Row = Readonly<Record<string, Cell>>;

/**
 * A CSV file (RFC 4180, `\n`) that only grows, readable by others at every moment.
 *
 * A row with a column not seen before rewrites the file atomically with a longer header and blanks in earlier rows. A
 * torn last line, left by a process that died, is removed when the table is opened. Rows reach the disk for good at
 * `sync()`. A file that somebody removes, replaces or changes meanwhile is an EnvironmentError at the next row.
 */
export class Table {
	readonly path: string;
	readonly #columns: Set<string>;
	#file: number;
	#rows: number;
	#bytes: number;
	#isTorn = false;

	private constructor(path: string, file: number, columns: readonly string[], rows: number, bytes: number) {
		this.path = path;
		this.#file = file;
		this.#columns = new Set(columns);
		this.#rows = rows;
		this.#bytes = bytes;
	}

	/** Opens a table, or begins one. With `keep`, only that many rows stay: what a resumed run does not repeat. */
	static open(path: string, columns: readonly string[] = [], keep = Number.POSITIVE_INFINITY): Table {
		if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
			requireRows(path, 0, keep);
			writeFileAtomic(path, formatLine(columns));
		}
		const file = openForAppend(dirname(path), basename(path));
		try {
			const found = measure(file, path, keep);
			requireRows(path, found.rows, keep);
			const table = new Table(path, file, found.columns, found.rows, found.end);
			table.#widen(columns);
			table.#cut();
			return table;
		} catch (error) {
			closeSync(file);
			throw error;
		}
	}

	get columns(): readonly string[] {
		return [...this.#columns];
	}

	/** How many rows it holds. */
	get length(): number {
		return this.#rows;
	}

	append(row: Row): void {
		this.#requireOwn();
		this.#widen(Object.keys(row));
		const line = formatLine([...this.#columns].map((column) => show(own(row, column))));
		guard(this.path, () => this.#write(line));
		this.#rows += 1;
	}

	/** Makes the rows so far survive losing power; waiting for the disk is another thread's. */
	async sync(): Promise<void> {
		this.#requireOwn();
		await syncOpenFile(this.path, this.#file);
	}

	/** Nothing is appended any more. */
	close(): void {
		closeSync(this.#file);
	}

	#write(line: Buffer): void {
		if (this.#isTorn) {
			this.#cut();
		}
		// Stays set where the disk fills up in the middle of the line.
		this.#isTorn = true;
		durableStep({ kind: 'write', path: this.path, data: line });
		// One write call: a reader sees the whole line or none of it.
		appendFileSync(this.#file, line);
		this.#isTorn = false;
		this.#bytes += line.length;
	}

	#cut(): void {
		if (fstatSync(this.#file).size > this.#bytes) {
			guard(this.path, () => {
				durableStep({ kind: 'truncate', path: this.path, size: this.#bytes });
				ftruncateSync(this.#file, this.#bytes);
			});
		}
	}

	#widen(wanted: readonly string[]): void {
		const added = wanted.filter((column) => !this.#columns.has(column));
		if (added.length === 0 && this.#bytes > 0) {
			return;
		}
		const fields = this.#columns.size;
		const bytes = replaceInPieces(this.path, (write) => {
			const kept = { file: this.#file, path: this.path, rows: this.#rows, fields };
			widenRows(formatLine([...this.#columns, ...added]), kept, added.length, write);
		});
		for (const column of added) {
			this.#columns.add(column);
		}
		const file = openForAppend(dirname(this.path), basename(this.path));
		closeSync(this.#file);
		this.#file = file;
		this.#bytes = bytes;
		this.#isTorn = false;
	}

	// Two processes never write here at a time: whatever is not as this one left it, somebody else has done.
	#requireOwn(): void {
		const own = fstatSync(this.#file);
		const found = lstatSync(this.path, { throwIfNoEntry: false });
		if (found?.ino !== own.ino || found.dev !== own.dev) {
			const place = putBack(this.#file, this.path, this.#bytes, found === undefined);
			throw new EnvironmentError(
				'table.gone',
				`${this.path} was ${found === undefined ? 'removed' : 'replaced'} while the run wrote it. Its ${this.#rows} rows are in ${place}.`,
			);
		}
		if (own.size !== this.#bytes && !this.#isTorn) {
			throw new EnvironmentError(
				'table.changed',
				`${this.path} has ${own.size} bytes, and the run has written ${this.#bytes}: somebody else changes it.`,
			);
		}
	}
}

/** A field as a number, undoing `show`: `nan`, `inf` and `-inf` included; undefined for what is no number. */
export function toNumber(cell: string | undefined): number | undefined {
	if (cell === undefined || cell === '') {
		return undefined;
	}
	const special = specials.get(cell);
	const value = special ?? Number(cell);
	return special === undefined && Number.isNaN(value) ? undefined : value;
}

const specials: ReadonlyMap<string, number> = new Map([
	['nan', Number.NaN],
	['inf', Number.POSITIVE_INFINITY],
	['-inf', Number.NEGATIVE_INFINITY],
]);

function requireRows(path: string, rows: number, keep: number): void {
	if (keep !== Number.POSITIVE_INFINITY && rows < keep) {
		throw new EnvironmentError('table.short', `${path} holds ${rows} whole rows; ${keep} were written. Was it edited?`);
	}
}

function formatLine(cells: readonly string[]): Buffer {
	// Readers that take a lone carriage return for the end of a line need it quoted.
	return Buffer.from(stringify([[...cells]], { quoted_match: /\r/u }));
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

function own(row: Row, column: string): Cell {
	return Object.hasOwn(row, column) ? row[column] : undefined;
}
