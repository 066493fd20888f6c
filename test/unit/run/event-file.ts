import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { schema } from './tensorboard.proto.ts';

const { root } = protobuf.parse(schema, { keepCase: true });

/** Every event of a file as plain objects; a wrong checksum is an error. */
export function decode(path: string): unknown[] {
	return unframe(readFileSync(path)).map((data) => asObject('Event', data));
}

/** A message of TensorBoard as a plain object. */
export function asObject(type: string, data: Uint8Array): unknown {
	const message = root.lookupType(type);
	return message.toObject(message.decode(data), { longs: Number });
}

function unframe(file: Buffer): Buffer[] {
	const records: Buffer[] = [];
	for (let at = 0; at < file.length; ) {
		const length = Number(file.readBigUInt64LE(at));
		const data = file.subarray(at + 12, at + 12 + length);
		if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) {
			throw new Error(`wrong checksum of the length at ${at}`);
		}
		if (file.readUInt32LE(at + 12 + length) !== masked(data)) {
			throw new Error(`wrong checksum of the data at ${at}`);
		}
		records.push(data);
		at += length + 16;
	}
	return records;
}

function masked(bytes: Uint8Array): number {
	const crc = BigInt(slowCrc32c(bytes));
	return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** CRC-32C by polynomial division, bit by bit over the whole message: no table, and no code shared with the writer. */
export function slowCrc32c(bytes: Uint8Array): number {
	const bits: number[] = [];
	for (const byte of bytes) {
		for (let bit = 0; bit < 8; bit += 1) {
			bits.push((byte >> bit) & 1);
		}
	}
	bits.push(...new Array<number>(32).fill(0));
	for (let i = 0; i < 32; i += 1) {
		bits[i]! ^= 1;
	}
	const polynomial = [1, ...Array.from({ length: 32 }, (_, i) => (0x1edc6f41 >>> (31 - i)) & 1)];
	for (let i = 0; i + 32 < bits.length; i += 1) {
		if (bits[i] === 1) {
			for (let j = 0; j < polynomial.length; j += 1) {
				bits[i + j]! ^= polynomial[j]!;
			}
		}
	}
	return bits.slice(-32).reduce((crc, bit, i) => crc + (bit ^ 1) * 2 ** i, 0);
}
