import type { backend_util, NamedAttrMap } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import type { PlainKernel, PlainTensor } from './plain.ts';

/** Morphological dilation: the largest sum of a pixel and its tap. */
export const dilation: PlainKernel = ({ x, filter }, attrs) => {
	const info = geometry(x!, filter!, attrs);
	const values = new Float32Array(info.outShape.reduce((product, length) => product * length, 1));
	eachLargest(x!, filter!, info, (out, place, tap) => {
		values[out] = place < 0 ? Number.NEGATIVE_INFINITY : x!.values[place]! + filter!.values[tap]!;
	});
	return { shape: info.outShape, values };
};

/** Its gradient goes to the pixel of the largest sum. */
export const dilationInputGradient: PlainKernel = ({ x, filter, dy }, attrs) => {
	const values = new Float32Array(x!.values.length);
	eachLargest(x!, filter!, geometry(x!, filter!, attrs), (out, place) => {
		if (place >= 0) {
			values[place]! += dy!.values[out]!;
		}
	});
	return { shape: x!.shape, values };
};

/** And to its tap. */
export const dilationFilterGradient: PlainKernel = ({ x, filter, dy }, attrs) => {
	const values = new Float32Array(filter!.values.length);
	eachLargest(x!, filter!, geometry(x!, filter!, attrs), (out, place, tap) => {
		if (place >= 0) {
			values[tap]! += dy!.values[out]!;
		}
	});
	return { shape: filter!.shape, values };
};

function geometry(x: PlainTensor, filter: PlainTensor, attrs: NamedAttrMap): backend_util.Conv2DInfo {
	return tf.backend_util.computeDilation2DInfo(
		x.shape as [number, number, number, number],
		filter.shape as [number, number, number],
		attrs['strides'] as number,
		attrs['pad'] as 'same',
		'NHWC',
		attrs['dilations'] as number,
	);
}

// Calls `act` for each output with the pixel and the tap of its largest sum; -1 where the window sees none.
function eachLargest(
	x: PlainTensor,
	filter: PlainTensor,
	i: backend_util.Conv2DInfo,
	act: (out: number, place: number, tap: number) => void,
): void {
	let out = 0;
	for (let batch = 0; batch < i.batchSize; batch++) {
		for (let row = 0; row < i.outHeight; row++) {
			for (let column = 0; column < i.outWidth; column++) {
				for (let channel = 0; channel < i.inChannels; channel++, out++) {
					let [most, place, tap] = [Number.NEGATIVE_INFINITY, -1, -1];
					for (let a = 0; a < i.filterHeight; a++) {
						const h = row * i.strideHeight - i.padInfo.top + a * i.dilationHeight;
						for (let b = 0; b < i.filterWidth; b++) {
							const w = column * i.strideWidth - i.padInfo.left + b * i.dilationWidth;
							if (h < 0 || h >= i.inHeight || w < 0 || w >= i.inWidth) {
								continue;
							}
							const pixel = ((batch * i.inHeight + h) * i.inWidth + w) * i.inChannels + channel;
							const weight = (a * i.filterWidth + b) * i.inChannels + channel;
							const value = x.values[pixel]! + filter.values[weight]!;
							if (value > most) {
								[most, place, tap] = [value, pixel, weight];
							}
						}
					}
					act(out, place, tap);
				}
			}
		}
	}
}
