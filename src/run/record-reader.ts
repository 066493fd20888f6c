import { readSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { EnvironmentError } from '../core/errors.ts';

const piece = 2 ** 18;
/** Bytes of the longest row that is read: 50,000 columns need one or two million. */
const longest = 2 ** 24;
const [quote, comma, newline] = [0x22, 0x2c, 0x0a];

/**
 * Goes through the records of a CSV file (RFC 4180, `\n`) one after the other, with the memory of one. A torn last one is
 * none. Which bytes are a record is found out here; what its fields say is left to the library where a quote is in them.
 */
export class RecordReader {
	/** Where the present record ends in the file: the byte after its line break. */
	end: number;
	/** Of the present record. */
	fields = 0;
	readonly #file: number;
	readonly #path: string;
	#buffer = Buffer.allocUnsafe(piece);
	/** Of the buffer's first byte in the file. */
	#base: number;
	#filled = 0;
	#start = 0;
	#at = 0;
	/** A quote is where none may be. */
	#isOdd = false;

	/** `path` names the open file in errors; `start` is where a record begins. */
	constructor(file: number, path: string, start = 0) {
		this.#file = file;
		this.#path = path;
		this.#base = start;
		this.end = start;
	}

	/** Goes to the next record; false where there is no further whole one. */
	next(): boolean {
		this.#start = this.#at;
		let [fields, isInside, isOdd] = [1, false, false];
		// Where a field begins it is a comma, whatever was there.
		let before: number = comma;
		for (;;) {
			const [buffer, filled] = [this.#buffer, this.#filled];
			for (let at = this.#at; at < filled; at++) {
				const byte = buffer[at]!;
				if (byte === quote) {
					// One that opens a field, or the second of two; one that closes it is followed by an end or by another.
					isOdd ||= !isInside && before !== comma && before !== quote;
					isInside = !isInside;
				} else if (!isInside) {
					if (byte === newline) {
						this.#at = at + 1;
						this.end = this.#base + this.#at;
						this.fields = fields;
						this.#isOdd = isOdd;
						return true;
					}
					if (byte === comma) {
						fields++;
					} else if (before === quote) {
						isOdd = true;
					}
				}
				before = byte;
			}
			this.#at = filled;
			if (!this.#fill()) {
				return false;
			}
		}
	}

	/** The bytes of the present record, without its line break; good until the next one. */
	get bytes(): Buffer {
		return this.#buffer.subarray(this.#start, this.#at - 1);
	}

	/** The present record as it is written, without its line break. */
	get text(): string {
		return this.bytes.toString('utf8');
	}

	/** The fields of the present record. Throws what is wrong with its quotes. */
	cells(): readonly string[] {
		try {
			return cellsOf(this.text);
		} catch (error) {
			throw damagedTable(this.#path, (error as Error).message);
		}
	}

	/** Whether the present record has so many fields, and quotes only where they may be. */
	isWhole(fields: number): boolean {
		return this.fields === fields && !this.#isOdd;
	}

	#fill(): boolean {
		if (this.#start > 0) {
			this.#buffer.copyWithin(0, this.#start, this.#filled);
			this.#base += this.#start;
			this.#at -= this.#start;
			this.#filled -= this.#start;
			this.#start = 0;
		}
		if (this.#filled === this.#buffer.length) {
			this.#grow();
		}
		const read = readSync(
			this.#file,
			this.#buffer,
			this.#filled,
			this.#buffer.length - this.#filled,
			this.#base + this.#filled,
		);
		this.#filled += read;
		return read > 0;
	}

	#grow(): void {
		if (this.#filled >= longest) {
			throw damagedTable(this.#path, `after byte ${this.#base} no row ends within ${longest} bytes`);
		}
		const larger = Buffer.allocUnsafe(this.#buffer.length * 4);
		larger.set(this.#buffer);
		this.#buffer = larger;
	}
}

/** The fields of a record. */
export function cellsOf(text: string): readonly string[] {
	if (!text.includes('"')) {
		return text.split(',');
	}
	const [cells = []] = parse(`${text}\n`, { record_delimiter: '\n' }) as string[][];
	return cells;
}

/** The error for a table with damage that no cut-off explains. */
export function damagedTable(path: string, what: string): EnvironmentError {
	return new EnvironmentError('table.damaged', `${path} is not a whole table: ${what}.`);
}
