import { GimletError } from '../core/errors.ts';

/** A tensor in plain memory. */
export interface StoredTensor {
	readonly dtype: 'float32' | 'int32' | 'bool';
	readonly shape: readonly number[];
	readonly data: Float32Array | Int32Array | Uint8Array;
}

const names = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;
const types = { F32: 'float32', I32: 'int32', BOOL: 'bool' } as const;

/**
 * Encodes named tensors in the safetensors format: header length (8 bytes, little-endian), JSON header, data.
 *
 * Names are sorted and the header is padded to 8 bytes, so equal tensors give equal bytes.
 */
export function encodeSafetensors(
	tensors: Readonly<Record<string, StoredTensor>>,
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
	const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
	const sorted = Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1));
	let offset = 0;
	for (const [name, { dtype, shape, data }] of sorted) {
		header[name] = { dtype: names[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
		offset += data.byteLength;
	}
	const json = Buffer.from(JSON.stringify(header));
	const headerLength = Math.ceil(json.length / 8) * 8;
	const bytes = new Uint8Array(8 + headerLength + offset);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
	bytes.set(json, 8);
	bytes.fill(0x20, 8 + json.length, 8 + headerLength);
	let at = 8 + headerLength;
	for (const [, { data }] of sorted) {
		bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
		at += data.byteLength;
	}
	return bytes;
}

/** Decodes safetensors; `where` names the file in errors. Every offset is checked against the shapes and the length. */
export function decodeSafetensors(
	bytes: Uint8Array,
	where: string,
): { tensors: Record<string, StoredTensor>; metadata: Record<string, string> } {
	const { header, start } = readHeader(bytes, where);
	const tensors: Record<string, StoredTensor> = Object.create(null) as Record<string, StoredTensor>;
	let metadata: Record<string, string> = {};
	let total = 0;
	for (const [name, entry] of Object.entries(header)) {
		if (name === '__metadata__') {
			metadata = entry as Record<string, string>;
			continue;
		}
		const {
			dtype,
			shape,
			data_offsets: range,
		} = entry as { dtype: string; shape: number[]; data_offsets: [number, number] };
		const type = types[dtype as keyof typeof types];
		if (type === undefined) {
			throw damaged(where, `${name} has the type ${dtype}; known are ${Object.keys(types).join(', ')}`);
		}
		const size = shape.reduce((a, b) => a * b, 1) * (type === 'bool' ? 1 : 4);
		if (!Array.isArray(range) || range[1] - range[0] !== size || start + range[1] > bytes.length || range[0] < 0) {
			throw damaged(where, `${name} [${shape}] does not fit the bytes ${range}`);
		}
		total += size;
		tensors[name] = { dtype: type, shape, data: view(bytes, start + range[0], size, type) };
	}
	if (start + total !== bytes.length) {
		throw damaged(where, `it has ${bytes.length} bytes, its tensors need ${start + total}`);
	}
	return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, where: string): { header: Record<string, unknown>; start: number } {
	if (bytes.length < 8) {
		throw damaged(where, `it has ${bytes.length} bytes`);
	}
	const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
	if (length > bytes.length - 8) {
		throw damaged(where, `its header would have ${length} bytes, the file has ${bytes.length}`);
	}
	try {
		return {
			header: JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8')) as Record<string, unknown>,
			start: 8 + length,
		};
	} catch (error) {
		throw damaged(where, `its header is not JSON (${(error as Error).message})`);
	}
}

// A copy, because a typed array needs an aligned start and must not keep the whole file alive.
function view(bytes: Uint8Array, start: number, size: number, type: StoredTensor['dtype']): StoredTensor['data'] {
	const copy = bytes.slice(start, start + size);
	if (type === 'bool') {
		return copy;
	}
	return type === 'int32' ? new Int32Array(copy.buffer) : new Float32Array(copy.buffer);
}

function damaged(where: string, what: string): GimletError {
	return new GimletError('safetensors.damaged', `${where} is not a whole safetensors file: ${what}.`);
}
