import type { backend_util, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import {
	conv2dFilterGradient,
	conv2dInputGradient,
	depthwiseFilterGradient,
	depthwiseInputGradient,
	maxPoolGradient,
} from './plain-kernels.ts';
import { tf } from './tf.ts';
import { wasmBackend } from './wasm-backend.ts';

type ConvInfo = backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];
type Kernel = (inputs: NamedTensorInfoMap, attrs: NamedAttrMap) => TensorInfo;
type Loop = (a: Float32Array, b: Float32Array, out: Float32Array, info: ConvInfo) => void;

let registered = false;

/** Gives the wasm backend the kernels that training needs and that the stock library lacks or has wrong. */
export function registerKernels(): void {
	if (registered) {
		return;
	}
	registered = true;
	replace('Conv2DBackpropFilter', ({ x, dy }, attrs) =>
		run(conv2dFilterGradient, x!, dy!, attrs['filterShape'] as Shape4, convInfo(x!.shape, attrs['filterShape'], attrs)),
	);
	replace('Conv2DBackpropInput', ({ dy, filter }, attrs) =>
		run(
			conv2dInputGradient,
			dy!,
			filter!,
			attrs['inputShape'] as Shape4,
			convInfo(attrs['inputShape'], filter!.shape, attrs),
		),
	);
	replace('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, attrs) =>
		run(
			depthwiseFilterGradient,
			x!,
			dy!,
			attrs['filterShape'] as Shape4,
			convInfo(x!.shape, attrs['filterShape'], attrs, true),
		),
	);
	replace('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, attrs) =>
		run(
			depthwiseInputGradient,
			dy!,
			filter!,
			attrs['inputShape'] as Shape4,
			convInfo(attrs['inputShape'], filter!.shape, attrs, true),
		),
	);
	replace('MaxPoolGrad', ({ dy, input }, attrs) =>
		run(maxPoolGradient, input!, dy!, input!.shape, poolInfo(input!.shape, attrs)),
	);
	replace('UnsortedSegmentSum', ({ x, segmentIds }, attrs) =>
		segmentSum(x!, segmentIds!, Number(attrs['numSegments'])),
	);
}

function replace(kernelName: string, kernel: Kernel): void {
	if (tf.getKernel(kernelName, 'wasm') !== undefined) {
		tf.unregisterKernel(kernelName, 'wasm');
	}
	tf.registerKernel({
		kernelName,
		backendName: 'wasm',
		kernelFunc: ({ inputs, attrs }) => kernel(inputs, attrs ?? {}),
	});
}

function run(loop: Loop, a: TensorInfo, b: TensorInfo, shape: number[], info: ConvInfo): TensorInfo {
	const out = wasmBackend().makeOutput(shape, 'float32');
	const to = values(out).fill(0);
	loop(values(a), values(b), to, info);
	return out;
}

function segmentSum(x: TensorInfo, segmentIds: TensorInfo, segments: number): TensorInfo {
	const ids = wasmBackend().typedArrayFromHeap(segmentIds);
	const rank = segmentIds.shape.length;
	const inner = tf.util.sizeFromShape(x.shape.slice(rank));
	const out = wasmBackend().makeOutput([segments, ...x.shape.slice(rank)], x.dtype);
	const to = values(out).fill(0);
	const from = values(x);
	for (let row = 0; row < ids.length; row++) {
		const segment = ids[row]!;
		if (segment >= 0 && segment < segments) {
			for (let i = 0; i < inner; i++) {
				to[segment * inner + i]! += from[row * inner + i]!;
			}
		}
	}
	return out;
}

function values(tensor: TensorInfo): Float32Array {
	return wasmBackend().typedArrayFromHeap(tensor) as Float32Array;
}

function convInfo(inShape: unknown, filterShape: unknown, attrs: NamedAttrMap, depthwise = false): ConvInfo {
	return tf.backend_util.computeConv2DInfo(
		inShape as Shape4,
		filterShape as Shape4,
		attrs['strides'] as number,
		(attrs['dilations'] as number | undefined) ?? 1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
		depthwise,
		'channelsLast',
	);
}

function poolInfo(shape: number[], attrs: NamedAttrMap): ConvInfo {
	return tf.backend_util.computePool2DInfo(
		shape as Shape4,
		attrs['filterSize'] as number,
		attrs['strides'] as number,
		1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
	);
}
