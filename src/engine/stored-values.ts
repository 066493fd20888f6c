import type { Tensor } from '@tensorflow/tfjs-core';
import { address, output, sizeOf } from './ops/kernel.ts';
import { tf } from './tf.ts';
import { host } from './wasm-backend.ts';

const tableBytes = 4 * 256;

/**
 * A float32 tensor of what stored bytes stand for; the bytes go to the device, a quarter of what their values would be.
 *
 * `tables`: of each channel (the last axis counts through them) the values of the 256 bytes. `fill` writes the bytes, as
 * many as `shape` has values. Needs an engine with kernels (`hasKernels`).
 */
export function valuesOfBytes(
	shape: readonly number[],
	tables: readonly Float32Array[],
	fill: (bytes: Uint8Array) => void,
): Tensor {
	const size = sizeOf(shape);
	const [rows = 1] = shape;
	// Memory that grows has new views: all room is made first.
	const bytes = host().space('bytes', size);
	const values = host().space('values of bytes', tableBytes * tables.length);
	const out = output(shape);
	tables.forEach((table, channel) => {
		host()
			.bytes(values + tableBytes * channel, tableBytes)
			.set(new Uint8Array(table.buffer, table.byteOffset, tableBytes));
	});
	fill(host().bytes(bytes, size));
	host().call('look_up', [bytes, values, address(out), size / rows, tables.length], rows, size);
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
