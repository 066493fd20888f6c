import type { backend_util, NamedAttrMap } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import type { PlainKernel } from './plain.ts';

/** The gradient of a convolution over three axes with respect to its input. */
export const conv3dInputGradient: PlainKernel = ({ dy, filter }, attrs) => {
	const shape = attrs['inputShape'] as number[];
	const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
	const [inputs, outputs] = filter!.shape.slice(3) as [number, number];
	eachTap(geometry(shape, filter!.shape, attrs), (out, pixel, tap) => {
		for (let c = 0; c < inputs; c++) {
			let total = 0;
			for (let o = 0; o < outputs; o++) {
				total += dy!.values[out * outputs + o]! * filter!.values[(tap * inputs + c) * outputs + o]!;
			}
			values[pixel * inputs + c]! += total;
		}
	});
	return { shape, values };
};

/** And with respect to its filter. */
export const conv3dFilterGradient: PlainKernel = ({ x, dy }, attrs) => {
	const shape = attrs['filterShape'] as number[];
	const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
	const [inputs, outputs] = shape.slice(3) as [number, number];
	eachTap(geometry(x!.shape, shape, attrs), (out, pixel, tap) => {
		for (let c = 0; c < inputs; c++) {
			for (let o = 0; o < outputs; o++) {
				values[(tap * inputs + c) * outputs + o]! += x!.values[pixel * inputs + c]! * dy!.values[out * outputs + o]!;
			}
		}
	});
	return { shape, values };
};

function geometry(shape: readonly number[], filter: readonly number[], attrs: NamedAttrMap): backend_util.Conv3DInfo {
	return tf.backend_util.computeConv3DInfo(
		shape as [number, number, number, number, number],
		filter as [number, number, number, number, number],
		attrs['strides'] as number,
		1,
		attrs['pad'] as 'same',
	);
}

// Calls `act` for each output position with the pixel and the tap of each product.
function eachTap(i: backend_util.Conv3DInfo, act: (out: number, pixel: number, tap: number) => void): void {
	let out = 0;
	for (let batch = 0; batch < i.batchSize; batch++) {
		for (let depth = 0; depth < i.outDepth; depth++) {
			for (let row = 0; row < i.outHeight; row++) {
				for (let column = 0; column < i.outWidth; column++, out++) {
					for (let tap = 0; tap < i.filterDepth * i.filterHeight * i.filterWidth; tap++) {
						const c = column * i.strideWidth - i.padInfo.left + (tap % i.filterWidth);
						const b = row * i.strideHeight - i.padInfo.top + (Math.floor(tap / i.filterWidth) % i.filterHeight);
						const a = depth * i.strideDepth - i.padInfo.front + Math.floor(tap / i.filterWidth / i.filterHeight);
						if (a >= 0 && a < i.inDepth && b >= 0 && b < i.inHeight && c >= 0 && c < i.inWidth) {
							act(out, ((batch * i.inDepth + a) * i.inHeight + b) * i.inWidth + c, tap);
						}
					}
				}
			}
		}
	}
}
