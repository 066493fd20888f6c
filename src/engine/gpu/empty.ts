import type { TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { defineKernel, sizeOf } from './kernel.ts';
import { type WebgpuBackend, webgpu } from './webgpu.ts';

// STORAGE, COPY_SRC and COPY_DST, as every tensor's buffer.
const tensorUsage = 0x80 | 0x04 | 0x08;

/** Lets tensors without values be operands: WebGPU has no empty buffers, so each gets one of a single value. */
export function allowEmpty(backend: WebgpuBackend): void {
	const { read, uploadToGPU } = backend;
	backend.uploadToGPU = (dataId) => {
		const data = backend.tensorMap.get(dataId);
		if (sizeOf(data.shape) > 0) {
			uploadToGPU.call(backend, dataId);
		} else {
			data.resource ??= backend.bufferManager.acquireBuffer(4, tensorUsage);
		}
	};
	backend.read = (dataId) => {
		const { shape, dtype } = backend.tensorMap.get(dataId);
		const empty = sizeOf(shape) === 0 && dtype !== 'string';
		return empty ? Promise.resolve(tf.util.getTypedArrayFromDType(dtype as 'float32', 0)) : read.call(backend, dataId);
	};
}

const results = { Sum: 0, Mean: Number.NaN, Prod: 1, All: 1, Any: 0 } as const;

/** Reductions of tensors without values, for which the stock kernels divide zero by zero. */
export function defineEmptyReductions(): void {
	for (const [kernelName, value] of Object.entries(results)) {
		defineKernel(kernelName, ({ x }, attrs) =>
			sizeOf(x!.shape) === 0 ? filled(x!, attrs as { axis?: number | number[]; keepDims?: boolean }, value) : undefined,
		);
	}
}

function filled(
	{ shape, dtype }: TensorInfo,
	{ axis, keepDims }: { axis?: number | number[]; keepDims?: boolean },
	value: number,
): TensorInfo {
	const axes = tf.util.parseAxisParam(axis as number[], shape);
	const out = shape.flatMap((length, i) => (!axes.includes(i) ? [length] : keepDims === true ? [1] : []));
	const values = tf.util.getTypedArrayFromDType(dtype as 'float32', sizeOf(out));
	return webgpu().makeTensorInfo(out, dtype, values.fill(value));
}
