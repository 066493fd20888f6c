import { unpacked } from './digest.ts';
import { formatError } from './format-error.ts';

/** An array of bytes read from an IDX file. */
export interface IdxArray {
	/** Of unsigned bytes, row-major. */
	readonly values: Uint8Array;
	readonly shape: readonly number[];
}

const unsignedByte = 0x08;

/**
 * Reads the IDX format of MNIST (two zero bytes, a type, a rank, big-endian sizes, values), plain or gzip.
 *
 * `shape` is what must be found. `file` names it in errors.
 */
export function readIdx(file: string, raw: Uint8Array, shape: readonly number[]): IdxArray {
	const header = 4 + 4 * shape.length;
	const length = header + shape.reduce((a, b) => a * b, 1);
	const bytes = content(file, raw, length);
	if (bytes.length < header) {
		throw formatError(file, `expected a header of ${header} bytes, found ${bytes.length} bytes in all`);
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	checkMagic(file, view, shape.length);
	const found = shape.map((_, axis) => view.getUint32(4 + 4 * axis));
	if (found.some((size, axis) => size !== shape[axis])) {
		throw formatError(file, `expected sizes ${shape.join(' × ')}, found ${found.join(' × ')}`);
	}
	if (bytes.length !== length) {
		throw formatError(file, `expected ${length} bytes, found ${bytes.length}`);
	}
	return { values: bytes.subarray(header), shape: found };
}

function content(file: string, raw: Uint8Array, most: number): Uint8Array {
	try {
		return unpacked(raw, most);
	} catch (error) {
		throw formatError(file, `gzip reports: ${(error as Error).message}`);
	}
}

function checkMagic(file: string, view: DataView, rank: number): void {
	const magic = view.getUint32(0);
	if (magic >>> 16 !== 0) {
		throw formatError(file, `expected two zero bytes first, found 0x${hex(magic >>> 16, 4)}`);
	}
	const type = (magic >>> 8) & 0xff;
	if (type !== unsignedByte) {
		throw formatError(file, `expected values of type 0x08 (unsigned byte), found 0x${hex(type, 2)}`);
	}
	if ((magic & 0xff) !== rank) {
		throw formatError(file, `expected ${rank} dimensions, found ${magic & 0xff}`);
	}
}

function hex(value: number, width: number): string {
	return value.toString(16).padStart(width, '0');
}
