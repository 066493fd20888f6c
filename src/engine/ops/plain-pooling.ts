import type { backend_util, NamedAttrMap } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { poolInfo } from './geometry.ts';
import type { PlainKernel, PlainTensor, SumsConstructor } from './plain.ts';

/** Max pooling; NaN is larger than anything. */
export const maxPool: PlainKernel = ({ x }, attrs) => ({
	shape: poolInfo(x!.shape, attrs).outShape,
	values: largest(x!, flat(x!.shape, attrs), firstOrLarger),
});

/** Its gradient goes to the first of the largest values of a window, to the first NaN where there is one. */
export const maxPoolGradient: PlainKernel = ({ dy, input }, attrs) =>
	backToLargest(dy!, input!, flat(input!.shape, attrs), Float64Array);

/** Which of two values is the larger. */
type Larger = (value: number, best: number) => number;

/** The first where they are equal, be they zeros of either sign; NaN where either is. */
export const firstOrLarger: Larger = (value, best) => (replaces(value, best) ? value : best);

/** Max pooling over three axes; windows without a positive value too. */
export function maxPool3d(larger: Larger): PlainKernel {
	return ({ x }, attrs) => {
		const windows = geometry(x!.shape, attrs);
		return { shape: windows.outShape, values: largest(x!, windows, larger) };
	};
}

/** Its gradient, which goes where that over two axes goes. */
export const maxPool3dGradient: PlainKernel = ({ dy, input }, attrs) =>
	backToLargest(dy!, input!, geometry(input!.shape, attrs), Float32Array);

/** The gradient of a mean shares out among the pixels inside the image: zeros of the padding do not count. */
export const avgPoolGradient: PlainKernel = ({ dy, input }, attrs) => {
	const [n, h, w, c] = input!.shape as [number, number, number, number];
	const info = poolInfo(input!.shape, attrs);
	const values = new Float32Array(input!.values.length);
	let out = 0;
	for (let batch = 0; batch < n; batch++) {
		for (let row = 0; row < info.outHeight; row++) {
			const [top, bottom] = span(row, info.strideHeight, info.padInfo.top, info.filterHeight, h);
			for (let column = 0; column < info.outWidth; column++) {
				const [left, right] = span(column, info.strideWidth, info.padInfo.left, info.filterWidth, w);
				const share = 1 / ((bottom - top) * (right - left));
				for (let channel = 0; channel < c; channel++, out++) {
					for (let i = top; i < bottom; i++) {
						for (let j = left; j < right; j++) {
							values[((batch * h + i) * w + j) * c + channel]! += dy!.values[out]! * share;
						}
					}
				}
			}
		}
	}
	return { shape: input!.shape, values };
};

function largest(x: PlainTensor, windows: backend_util.Conv3DInfo, larger: Larger): Float32Array {
	const count = windows.batchSize * windows.outDepth * windows.outHeight * windows.outWidth * windows.inChannels;
	const values = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
	eachWindow(windows, (out, places) => {
		for (const place of places) {
			values[out] = larger(x.values[place]!, values[out]!);
		}
	});
	return values;
}

function backToLargest(
	dy: PlainTensor,
	input: PlainTensor,
	windows: backend_util.Conv3DInfo,
	Sums: SumsConstructor,
): PlainTensor {
	const sums = new Sums(input.values.length);
	eachWindow(windows, (out, places) => {
		if (places.length > 0) {
			const at = places.reduce((best, place) => (replaces(input.values[place]!, input.values[best]!) ? place : best));
			sums[at]! += dy.values[out]!;
		}
	});
	return { shape: input.shape, values: Float32Array.from(sums) };
}

// The first of the largest stays, and NaN is the largest of all.
function replaces(value: number, best: number): boolean {
	return !(value <= best || Number.isNaN(best));
}

// Where a window begins and ends inside an axis.
function span(out: number, stride: number, before: number, reach: number, length: number): [number, number] {
	const from = out * stride - before;
	return [Math.max(0, from), Math.min(length, from + reach)];
}

// Two axes as three, of which the first has one value.
function flat(shape: readonly number[], attrs: NamedAttrMap): backend_util.Conv3DInfo {
	const info = poolInfo(shape, attrs);
	const depth = { inDepth: 1, outDepth: 1, strideDepth: 1, filterDepth: 1 };
	return { ...info, ...depth, padInfo: { ...info.padInfo, front: 0, back: 0 } } as unknown as backend_util.Conv3DInfo;
}

function geometry(shape: readonly number[], attrs: NamedAttrMap): backend_util.Conv3DInfo {
	return tf.backend_util.computePool3DInfo(
		shape as [number, number, number, number, number],
		attrs['filterSize'] as number,
		attrs['strides'] as number,
		1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
	);
}

// Calls `act` for each output with the places of the input that its window sees.
function eachWindow(i: backend_util.Conv3DInfo, act: (out: number, places: number[]) => void): void {
	let out = 0;
	for (let batch = 0; batch < i.batchSize; batch++) {
		for (let depth = 0; depth < i.outDepth; depth++) {
			const [front, back] = span(depth, i.strideDepth, i.padInfo.front, i.filterDepth, i.inDepth);
			for (let row = 0; row < i.outHeight; row++) {
				const [top, bottom] = span(row, i.strideHeight, i.padInfo.top, i.filterHeight, i.inHeight);
				for (let column = 0; column < i.outWidth; column++) {
					const [left, right] = span(column, i.strideWidth, i.padInfo.left, i.filterWidth, i.inWidth);
					for (let channel = 0; channel < i.inChannels; channel++, out++) {
						const places: number[] = [];
						for (let a = front; a < back; a++) {
							for (let b = top; b < bottom; b++) {
								for (let c = left; c < right; c++) {
									const pixel = ((batch * i.inDepth + a) * i.inHeight + b) * i.inWidth + c;
									places.push(pixel * i.inChannels + channel);
								}
							}
						}
						act(out, places);
					}
				}
			}
		}
	}
}
