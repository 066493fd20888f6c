import { GimletError } from '../core/errors.ts';
import { parseJson } from '../files/json.ts';
import { readAt } from '../files/reading.ts';

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
	for (const [name, tensor] of sorted) {
		const { dtype, shape, data } = tensor;
		assertEncodable(name, tensor);
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

/**
 * Decodes safetensors; `where` names the file in errors. Nothing is believed: names, types, shapes and offsets must
 * account for every byte exactly once.
 */
export function decodeSafetensors(
	bytes: Uint8Array,
	where: string,
): { tensors: Record<string, StoredTensor>; metadata: Record<string, string> } {
	const read = (start: number, length: number) => bytes.subarray(start, start + length);
	const { entries, start, metadata } = layoutOf(read, bytes.length, where);
	const tensors: Record<string, StoredTensor> = Object.create(null) as Record<string, StoredTensor>;
	for (const { name, type, shape, range } of entries) {
		tensors[name] = { dtype: type, shape, data: view(bytes, start + range[0], range[1] - range[0], type) };
	}
	return { tensors, metadata };
}

/** Checks an open file of `size` bytes as `decodeSafetensors` does, reading no more than its header. */
export function checkSafetensors(file: number, size: number, where: string): void {
	layoutOf((start, length) => readAt(file, start, length), size, where);
}

interface Entry {
	readonly name: string;
	readonly type: StoredTensor['dtype'];
	readonly shape: readonly number[];
	readonly range: readonly [number, number];
}

type Read = (start: number, length: number) => Uint8Array;

interface Layout {
	readonly entries: readonly Entry[];
	/** Where the data begin. */
	readonly start: number;
	readonly metadata: Record<string, string>;
}

function layoutOf(read: Read, size: number, where: string): Layout {
	const { header, start } = readHeader(read, size, where);
	const { __metadata__: metadata, ...named } = header;
	const entries = Object.entries(named).map(readEntry(where)).sort(byRange);
	let end = 0;
	for (const { name, range } of entries) {
		if (range[0] !== end) {
			throw damaged(where, `${name} begins at ${range[0]} of the data, the tensor before it ends at ${end}`);
		}
		end = range[1];
		if (start + end > size) {
			throw damaged(where, `${name} ends at ${end} of the data, which has ${size - start} bytes`);
		}
	}
	if (start + end !== size) {
		throw damaged(where, `it has ${size} bytes, its tensors need ${start + end}`);
	}
	return { entries, start, metadata: readMetadata(metadata, where) };
}

// A hundred thousand tensors need less: a larger header is a sign of damage.
const largestHeader = 2 ** 24;

function readHeader(read: Read, size: number, where: string): { header: Record<string, unknown>; start: number } {
	if (size < 8) {
		throw damaged(where, `it has ${size} bytes`);
	}
	const first = read(0, 8);
	const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
	if (length > Math.min(size - 8, largestHeader)) {
		throw damaged(where, `its header would have ${length} bytes, the file has ${size}`);
	}
	const header = parseHeader(read(8, length), where);
	if (!isObject(header)) {
		throw damaged(where, 'its header is not a JSON object');
	}
	return { header, start: 8 + length };
}

function parseHeader(bytes: Uint8Array, where: string): unknown {
	let text: string;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (error) {
		throw damaged(where, `its header is not JSON (${(error as Error).message})`);
	}
	try {
		return parseJson(text, where);
	} catch (error) {
		throw damaged(where, `its header cannot be read (${(error as Error).message})`);
	}
}

function readMetadata(value: unknown, where: string): Record<string, string> {
	if (value === undefined) {
		return {};
	}
	if (!isObject(value) || !Object.values(value).every((text) => typeof text === 'string')) {
		throw damaged(where, 'its metadata are not strings by name');
	}
	return value as Record<string, string>;
}

function readEntry(where: string): (entry: [string, unknown]) => Entry {
	return ([name, entry]) => {
		const { dtype, shape, data_offsets: range } = isObject(entry) ? entry : {};
		const type = Object.hasOwn(types, String(dtype)) ? types[dtype as keyof typeof types] : undefined;
		if (type === undefined) {
			throw damaged(where, `${name} has the type ${dtype}; known are ${Object.keys(types).join(', ')}`);
		}
		if (!isSizes(shape) || !isSizes(range) || range.length !== 2 || range[1]! - range[0]! !== sizeOf(type, shape)) {
			throw damaged(where, `${name} of type ${dtype} and shape [${shape}] does not fit the bytes [${range}]`);
		}
		return { name, type, shape, range: [range[0]!, range[1]!] };
	};
}

// An empty tensor lies before the one that begins at the same byte.
function byRange({ range: a }: Entry, { range: b }: Entry): number {
	return a[0] - b[0] || a[1] - b[1];
}

function assertEncodable(name: string, { dtype, shape, data }: StoredTensor): void {
	if (name === '__metadata__' || name === '__proto__') {
		throw new RangeError(`A tensor cannot be called ${name}.`);
	}
	if (!isSizes(shape) || data.byteLength !== sizeOf(dtype, shape)) {
		throw new RangeError(`The tensor ${name} of type ${dtype} and shape [${shape}] has ${data.byteLength} bytes.`);
	}
}

function sizeOf(type: StoredTensor['dtype'], shape: readonly number[]): number {
	return shape.reduce((a, b) => a * b, type === 'bool' ? 1 : 4);
}

function isSizes(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A copy, because a typed array needs an aligned start and must not keep the whole file alive.
function view(bytes: Uint8Array, start: number, size: number, type: StoredTensor['dtype']): StoredTensor['data'] {
	// Not bytes.slice: a Buffer's would be a view.
	const copy = new Uint8Array(bytes.subarray(start, start + size));
	if (type === 'bool') {
		return copy;
	}
	return type === 'int32' ? new Int32Array(copy.buffer) : new Float32Array(copy.buffer);
}

function damaged(where: string, what: string): GimletError {
	return new GimletError('safetensors.damaged', `${where} is not a whole safetensors file: ${what}.`);
}
