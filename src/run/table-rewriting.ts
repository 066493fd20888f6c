import { replaceInPieces } from '../files/atomic.ts';
import { readAt } from '../files/reading.ts';
import { damagedTable, RecordReader } from './record-reader.ts';
import { headerOf } from './table-reading.ts';

type Write = (data: Uint8Array) => void;

/** An open table, of which the first so many rows are wanted. */
interface Kept {
	readonly file: number;
	readonly path: string;
	readonly rows: number;
	readonly fields: number;
}

/** Writes another header, then the rows as they are, with so many empty fields more at the end of each. */
export function widenRows(header: Buffer, { file, path, rows, fields }: Kept, added: number, write: Write): void {
	const reader = new RecordReader(file, path);
	headerOf(reader);
	const blanks = Buffer.from(`${','.repeat(added)}\n`);
	let waiting = [header];
	let bytes = header.length;
	for (let row = 1; row <= rows; row++) {
		if (!reader.next() || reader.fields !== fields) {
			throw damagedTable(path, `row ${row} is gone or damaged`);
		}
		waiting.push(Buffer.from(reader.bytes), blanks);
		bytes += reader.bytes.length + blanks.length;
		if (bytes >= piece) {
			write(Buffer.concat(waiting));
			[waiting, bytes] = [[], 0];
		}
	}
	write(Buffer.concat(waiting));
}

/**
 * Writes the first `bytes` of an open file that lost its name back to `path`, or beside it where something else is there
 * now; returns where.
 */
export function putBack(file: number, path: string, bytes: number, isFree: boolean): string {
	const place = isFree ? path : `${path}.own`;
	replaceInPieces(place, (write) => {
		for (let at = 0; at < bytes; at += piece) {
			write(readAt(file, at, Math.min(piece, bytes - at)));
		}
	});
	return place;
}

const piece = 2 ** 20;
