import { maskedCrc32c } from './crc32c.ts';

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

/** Checks every record until one is torn or damaged; `bytes` less than the file's size says that one is. */
export function wholeRecords(file: Buffer): Whole {
	let bytes = 0;
	let records = 0;
	for (let end = endOfRecord(file, bytes); end !== undefined; end = endOfRecord(file, bytes)) {
		bytes = end;
		records += 1;
	}
	return { records, bytes };
}

const headerBytes = 12;
const footerBytes = 4;

function endOfRecord(file: Buffer, start: number): number | undefined {
	if (start + headerBytes > file.length) {
		return undefined;
	}
	const length = Number(file.readBigUInt64LE(start));
	const end = start + headerBytes + length + footerBytes;
	if (end > file.length || file.readUInt32LE(start + 8) !== maskedCrc32c(file.subarray(start, start + 8))) {
		return undefined;
	}
	const data = file.subarray(start + headerBytes, end - footerBytes);
	return file.readUInt32LE(end - footerBytes) === maskedCrc32c(data) ? end : undefined;
}
