import { basename, dirname } from 'node:path';
import { withFile } from '../files/reading.ts';
import { cellsOf, RecordReader } from '../run/record-reader.ts';
import { headerOf } from '../run/table-reading.ts';

/**
 * Whole rows of a table, each a line that is split when a field of it is asked for, in blocks of about a megabyte: in
 * memory where the table is small, else read when asked for.
 */
export class TableRows {
	readonly length: number;
	/** The number of the first row of each block. */
	readonly starts: readonly number[];
	readonly #load: (block: number) => readonly string[];
	#loaded: { readonly block: number; readonly rows: readonly string[] } | undefined;

	constructor(length: number, starts: readonly number[], load: (block: number) => readonly string[]) {
		this.length = length;
		this.starts = starts;
		this.#load = load;
	}

	/** The rows of a block. */
	block(block: number): readonly string[] {
		if (this.#loaded?.block !== block) {
			this.#loaded = { block, rows: this.#load(block) };
		}
		return this.#loaded.rows;
	}

	/** The fields of one row; none of one that is not there. */
	cells(row: number): readonly string[] {
		const block = this.starts.findLastIndex((start) => start <= row);
		const raw = row < this.length ? this.block(block)[row - this.starts[block]!] : undefined;
		return raw === undefined ? [] : cellsOf(raw);
	}

	/** The fields of each row from `first` on. */
	*from(first: number): Generator<readonly string[]> {
		for (const [block, start] of this.starts.entries()) {
			if ((this.starts[block + 1] ?? this.length) > first) {
				for (const raw of this.block(block).slice(Math.max(0, first - start))) {
					yield cellsOf(raw);
				}
			}
		}
	}
}

/** What a table holds: its rows with as many fields as the header, and how many have not. */
export interface ScannedTable {
	readonly columns: readonly string[];
	readonly rows: TableRows;
	readonly damaged: number;
	/** Why nothing after the last row was read. */
	readonly problem: string | undefined;
}

/** Tables of at most so many bytes are kept in memory. */
const small = 2 ** 22;
const blockBytes = 2 ** 20;

/** Goes through a table once; undefined where there is none. */
export function scanTable(path: string): ScannedTable | undefined {
	return withFile(dirname(path), basename(path), (file, size) => new Scan(file, path, size <= small).result());
}

class Scan {
	readonly #reader: RecordReader;
	readonly #path: string;
	readonly #isSmall: boolean;
	readonly #rows: string[] = [];
	readonly #starts: number[] = [];
	readonly #offsets: number[] = [];
	#columns: readonly string[] = [];
	#length = 0;
	#damaged = 0;

	constructor(file: number, path: string, isSmall: boolean) {
		this.#reader = new RecordReader(file, path);
		this.#path = path;
		this.#isSmall = isSmall;
	}

	result(): ScannedTable {
		let problem: string | undefined;
		try {
			this.#readAll();
		} catch (error) {
			problem = (error as Error).message;
		}
		return { columns: this.#columns, rows: this.#found(), damaged: this.#damaged, problem };
	}

	#readAll(): void {
		const reader = this.#reader;
		this.#columns = headerOf(reader);
		for (let start = reader.end; reader.next(); start = reader.end) {
			if (!reader.isWhole(this.#columns.length)) {
				this.#damaged += 1;
				continue;
			}
			if (this.#isSmall) {
				this.#rows.push(reader.text);
			} else if (start - (this.#offsets.at(-1) ?? Number.NEGATIVE_INFINITY) >= blockBytes) {
				this.#starts.push(this.#length);
				this.#offsets.push(start);
			}
			this.#length += 1;
		}
	}

	#found(): TableRows {
		if (this.#isSmall) {
			return new TableRows(this.#length, this.#length === 0 ? [] : [0], () => this.#rows);
		}
		const [path, offsets, starts, fields] = [this.#path, this.#offsets, this.#starts, this.#columns.length];
		return new TableRows(this.#length, starts, (block) =>
			readBlock(path, offsets[block]!, (starts[block + 1] ?? this.#length) - starts[block]!, fields),
		);
	}
}

// A table grows, and may be rewritten with other columns: rows that are not as they were are none.
function readBlock(path: string, offset: number, count: number, fields: number): readonly string[] {
	return (
		withFile(dirname(path), basename(path), (file) => {
			const reader = new RecordReader(file, path, offset);
			const rows: string[] = [];
			while (rows.length < count && reader.next()) {
				if (reader.isWhole(fields)) {
					rows.push(reader.text);
				}
			}
			return rows;
		}) ?? []
	);
}
