import type { Tensor } from '@tensorflow/tfjs-core';
import { copyRows } from '../core/rows.ts';
import type { Host } from './host.ts';
import { address, output, sizeOf } from './ops/kernel.ts';
import { tf } from './tf.ts';
import { host } from './wasm-backend.ts';

const tableBytes = 4 * 256;
// Of all that is kept beside the tensors: a sixteenth of the largest memory.
const mostKeptBytes = 2 ** 28;

/**
 * A float32 tensor of what the bytes of `rows` stand for: `stored` holds rows of as many bytes as an element of the first
 * axis of `shape` has values, and is copied to the device's memory once where it is not too large.
 *
 * `tables`: of each channel (the last axis counts through them) the values of the 256 bytes. Needs an engine with kernels
 * (`hasKernels`).
 */
export function valuesOfRows(
	stored: Uint8Array,
	rows: Int32Array,
	shape: readonly number[],
	tables: readonly Float32Array[],
): Tensor {
	const size = sizeOf(shape);
	const width = size / Math.max(1, rows.length);
	// Memory that grows has new views: all room is made first.
	const kept = keptAddress(host(), stored);
	const from = kept ?? host().space('bytes', size);
	const places = host().space('rows of bytes', rows.byteLength);
	const values = host().space('values of bytes', tableBytes * tables.length);
	const out = output(shape);
	for (const [channel, table] of tables.entries()) {
		host()
			.bytes(values + tableBytes * channel, tableBytes)
			.set(bytesOf(table));
	}
	host().write(places, kept === undefined ? rows.map((_, place) => place) : rows);
	if (kept === undefined) {
		copyRows(host().bytes(from, size), stored, rows, width);
	}
	host().call('look_up', [from, places, values, address(out), width, tables.length], rows.length, size);
	return tf.engine().makeTensorFromTensorInfo(out);
}

/**
 * A float32 tensor whose values are written where they are to be, without a copy on the way. `fill` must write all of
 * them, and use the engine for nothing. Needs an engine with kernels (`hasKernels`).
 */
export function valuesWritten(shape: readonly number[], fill: (values: Float32Array) => void): Tensor {
	const out = output(shape);
	const bytes = host().bytes(address(out), 4 * sizeOf(shape));
	fill(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4));
	return tf.engine().makeTensorFromTensorInfo(out);
}

const kept = new WeakMap<Host, { readonly addresses: WeakMap<Uint8Array, number>; bytes: number }>();

// Where a copy of stored bytes lies that stays as long as the engine; undefined where there are too many.
function keptAddress(owner: Host, stored: Uint8Array): number | undefined {
	let own = kept.get(owner);
	if (own === undefined) {
		own = { addresses: new WeakMap(), bytes: 0 };
		kept.set(owner, own);
	}
	const known = own.addresses.get(stored);
	if (known !== undefined || own.bytes + stored.length > mostKeptBytes) {
		return known;
	}
	own.bytes += stored.length;
	const place = owner.space(`kept bytes up to ${own.bytes}`, stored.length);
	owner.bytes(place, stored.length).set(stored);
	own.addresses.set(stored, place);
	return place;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
	return new Uint8Array(buffer, byteOffset, byteLength);
}
