import { readAt } from '../files/reading.ts';
import { crc32c, masked, maskedCrc32c } from './crc32c.ts';

/** One record of a TFRecord file: length, checksum of the length, data, checksum of the data. */
export function frame(data: Uint8Array): Buffer {
	const record = Buffer.alloc(headerBytes + data.length + footerBytes);
	record.writeBigUInt64LE(BigInt(data.length), 0);
	record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
	record.set(data, headerBytes);
	record.writeUInt32LE(maskedCrc32c(data), headerBytes + data.length);
	return record;
}

/** The records at the beginning of a TFRecord file that are whole and undamaged: how many, and where they end. */
export interface Whole {
	readonly records: number;
	readonly bytes: number;
}

/**
 * Checks every record of the first `size` bytes of an open file until one is torn or damaged; `bytes` less than `size`
 * says that one is. The file is read in pieces.
 */
export function wholeRecords(file: number, size: number): Whole {
	const pieces = new Pieces(file, size);
	let bytes = 0;
	let records = 0;
	for (let end = endOfRecord(pieces, bytes, size); end !== undefined; end = endOfRecord(pieces, bytes, size)) {
		bytes = end;
		records += 1;
	}
	return { records, bytes };
}

const headerBytes = 12;
const footerBytes = 4;
const pieceBytes = 2 ** 20;

function endOfRecord(pieces: Pieces, start: number, size: number): number | undefined {
	if (start + headerBytes + footerBytes > size) {
		return undefined;
	}
	const header = pieces.at(start, headerBytes);
	const length = Number(header.readBigUInt64LE(0));
	const end = start + headerBytes + length + footerBytes;
	if (end > size || header.readUInt32LE(8) !== maskedCrc32c(header.subarray(0, 8))) {
		return undefined;
	}
	let crc = 0;
	for (let at = start + headerBytes; at < end - footerBytes; at += pieceBytes) {
		crc = crc32c(pieces.at(at, Math.min(pieceBytes, end - footerBytes - at)), crc);
	}
	return pieces.at(end - footerBytes, footerBytes).readUInt32LE(0) === masked(crc) ? end : undefined;
}

/** Parts of an open file, read a megabyte at a time. */
class Pieces {
	readonly #file: number;
	readonly #size: number;
	#bytes: Buffer = Buffer.alloc(0);
	#start = 0;

	constructor(file: number, size: number) {
		this.#file = file;
		this.#size = size;
	}

	/** At most a megabyte; zeros where the file has become shorter meanwhile. */
	at(start: number, length: number): Buffer {
		if (start < this.#start || start + length > this.#start + this.#bytes.length) {
			const wanted = Math.max(length, Math.min(pieceBytes, this.#size - start));
			const read = readAt(this.#file, start, wanted);
			this.#bytes = read.length < wanted ? Buffer.concat([read, Buffer.alloc(wanted - read.length)]) : read;
			this.#start = start;
		}
		return this.#bytes.subarray(start - this.#start, start - this.#start + length);
	}
}
