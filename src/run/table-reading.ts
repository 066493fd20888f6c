import { basename, dirname } from 'node:path';
import { withFile } from '../files/reading.ts';
import { damagedTable, RecordReader } from './record-reader.ts';

/** Whether a row with such a number may stand after so many others. */
export type IsNext = (value: number, rows: number) => boolean;

/** What is in a table: its columns, so many whole rows, and where the last of them ends in the file. */
export interface Measured {
	readonly columns: readonly string[];
	readonly rows: number;
	readonly end: number;
}

/** Goes through an open table up to `limit` rows; damage before that is an error. */
export function measure(file: number, path: string, limit = Number.POSITIVE_INFINITY): Measured {
	const reader = new RecordReader(file, path);
	const columns = headerOf(reader);
	let [rows, end] = [0, reader.end];
	while (rows < limit && reader.next()) {
		requireWhole(reader, path, rows + 1, columns.length);
		rows += 1;
		end = reader.end;
	}
	return { columns, rows, end };
}

/**
 * How many whole rows a table has before its end or the first damage, at most `limit`; 0 where there is no table. `isNext`
 * tells of the number in the column `key` of each whether the row stands where it should.
 */
export function countRows(path: string, limit: number, key = '', isNext: IsNext = () => true): number {
	return (
		withFile(dirname(path), basename(path), (file) => {
			const reader = new RecordReader(file, path);
			const columns = headerOf(reader);
			const at = columns.indexOf(key);
			let rows = 0;
			while (rows < limit && goOn(reader) && reader.isWhole(columns.length)) {
				if (at >= 0 && !isNext(Number(reader.cells()[at]), rows)) {
					break;
				}
				rows += 1;
			}
			return rows;
		}) ?? 0
	);
}

/**
 * Columns and rows of a table as text, without a torn last line; any other damage is an error, but for what comes after
 * the first `limit` rows. Nothing where there is no table.
 */
export function readCells(path: string, limit = Number.POSITIVE_INFINITY): { columns: string[]; rows: string[][] } {
	return (
		withFile(dirname(path), basename(path), (file) => {
			const reader = new RecordReader(file, path);
			const columns = [...headerOf(reader)];
			const rows: string[][] = [];
			while (rows.length < limit && reader.next()) {
				requireWhole(reader, path, rows.length + 1, columns.length);
				rows.push([...reader.cells()]);
			}
			return { columns, rows };
		}) ?? { columns: [], rows: [] }
	);
}

/** Rows of a table by column, as text; empty fields are left out. */
export function readRows(path: string, limit?: number): Array<Record<string, string>> {
	const { columns, rows } = readCells(path, limit);
	return rows.map((row) =>
		Object.fromEntries(columns.map((column, i) => [column, row[i]!] as const).filter(([, cell]) => cell !== '')),
	);
}

/** The names in the first record, to which `reader` goes; none in an empty file. */
export function headerOf(reader: RecordReader): readonly string[] {
	const columns = reader.next() ? reader.cells() : [];
	return columns.join() === '' ? [] : columns;
}

function requireWhole(reader: RecordReader, path: string, row: number, fields: number): void {
	if (reader.fields !== fields) {
		throw damagedTable(path, `row ${row} has ${reader.fields} fields; the header has ${fields}`);
	}
	if (!reader.isWhole(fields)) {
		throw damagedTable(path, `row ${row} has a quote where none may be`);
	}
}

function goOn(reader: RecordReader): boolean {
	try {
		return reader.next();
	} catch {
		return false;
	}
}
