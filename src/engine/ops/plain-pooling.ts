import type { backend_util, NamedAttrMap } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import type { PlainKernel } from './plain.ts';

/** Max pooling over three axes; windows without a positive value too. */
export const maxPool3d: PlainKernel = ({ x }, attrs) => {
	const info = geometry(x!.shape, attrs);
	const values = new Float32Array(size(info.outShape));
	eachWindow(info, (out, places) => {
		let most = Number.NEGATIVE_INFINITY;
		for (const place of places) {
			most = Math.max(most, x!.values[place]!);
		}
		values[out] = most;
	});
	return { shape: info.outShape, values };
};

/** Its gradient goes to the first of the largest values of a window. */
export const maxPool3dGradient: PlainKernel = ({ dy, input }, attrs) => {
	const info = geometry(input!.shape, attrs);
	const values = new Float32Array(input!.values.length);
	eachWindow(info, (out, places) => {
		const first = places.reduce((best, place) => (input!.values[place]! > input!.values[best]! ? place : best));
		values[first]! += dy!.values[out]!;
	});
	return { shape: input!.shape, values };
};

/** The gradient of a mean shares out among the pixels inside the image: zeros of the padding do not count. */
export const avgPoolGradient: PlainKernel = ({ dy, input }, attrs) => {
	const [n, h, w, c] = input!.shape as [number, number, number, number];
	const info = tf.backend_util.computePool2DInfo(
		[n, h, w, c],
		attrs['filterSize'] as number,
		attrs['strides'] as number,
		1,
		attrs['pad'] as 'same',
		attrs['dimRoundingMode'] as 'floor',
	);
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

// Where a window begins and ends inside an axis.
function span(out: number, stride: number, before: number, reach: number, length: number): [number, number] {
	const from = out * stride - before;
	return [Math.max(0, from), Math.min(length, from + reach)];
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

function size(shape: readonly number[]): number {
	return shape.reduce((product, length) => product * length, 1);
}
