import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { wasmBackend } from '../wasm-backend.ts';
import { address, callKernel, defineKernel, filled, output, release, repeated, sizeOf } from './kernel.ts';
import { areTame } from './tame.ts';

/** Rows by their numbers, which the stock kernel gets wrong in batches and checks one by one; PReLU of a repeated tensor. */
export function defineLookups(): void {
	defineKernel('GatherV2', ({ x, indices }, attrs) => gather(x!, indices!, attrs));
	defineKernel('Prelu', ({ x, alpha }) => prelu(x!, alpha!));
}

function gather(x: TensorInfo, indices: TensorInfo, attrs: NamedAttrMap): TensorInfo | undefined {
	const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
	if ((x.dtype !== 'float32' && x.dtype !== 'int32') || indices.dtype !== 'int32') {
		return undefined;
	}
	const batchDims = (attrs['batchDims'] as number | undefined) ?? 0;
	const { collectGatherOpShapeInfo } = tf.backend_util.segment_util;
	const info = collectGatherOpShapeInfo(x as never, indices as never, axis, batchDims);
	const out = output(info.outputShape, x.dtype);
	const count = sizeOf(indices.shape) / Math.max(1, info.batchSize);
	// Any four bytes: integers move floats unchanged.
	const heap = new Int32Array((wasmBackend().wasm as unknown as { HEAPU8: Uint8Array }).HEAPU8.buffer);
	const [from, ids] = [address(x) / 4, address(indices) / 4];
	let to = address(out) / 4;
	for (let batch = 0; batch < info.batchSize; batch++) {
		for (let outer = 0; outer < info.outerSize; outer++) {
			const rows = from + (batch * info.outerSize + outer) * info.dimSize * info.sliceSize;
			for (let i = 0; i < count; i++, to += info.sliceSize) {
				const id = heap[ids + batch * count + i]!;
				if (id < 0 || id >= info.dimSize) {
					release(out);
					throw new RangeError(`gather: index ${id} is outside 0..${info.dimSize - 1}`);
				}
				heap.copyWithin(to, rows + id * info.sliceSize, rows + (id + 1) * info.sliceSize);
			}
		}
	}
	return out;
}

// The stock kernel takes the output for as large as x, and alpha for its last axes.
function prelu(x: TensorInfo, alpha: TensorInfo): TensorInfo | undefined {
	const shape = tf.backend_util.assertAndGetBroadcastShape(x.shape, alpha.shape);
	const firstOfAlpha = alpha.shape.findIndex((length) => length !== 1);
	const last = firstOfAlpha < 0 ? [] : alpha.shape.slice(firstOfAlpha);
	if (!areTame(alpha)) {
		return chosen(x, alpha);
	}
	if (shape.join() === x.shape.join() && last.every((length, i) => length === x.shape.at(i - last.length))) {
		return undefined;
	}
	const [whole, slopes] = [repeated(x, shape), repeated(alpha, shape)];
	const out = callKernel('Prelu', { x: whole, alpha: slopes });
	release(whole);
	release(slopes);
	return out;
}

// The stock kernel adds alpha times nothing to what is positive, which is NaN where alpha is not finite.
function chosen(x: TensorInfo, alpha: TensorInfo): TensorInfo {
	const shape = tf.backend_util.assertAndGetBroadcastShape(x.shape, alpha.shape);
	const [whole, zero] = [repeated(x, shape), filled([], 0)];
	const condition = callKernel('Greater', { a: whole, b: zero });
	const product = callKernel('Multiply', { a: whole, b: alpha });
	const out = callKernel('Select', { condition, t: whole, e: product });
	for (const temporary of [whole, zero, condition, product]) {
		release(temporary);
	}
	return out;
}
