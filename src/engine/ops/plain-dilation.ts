import { type DilationInfo, dilationInfo } from './geometry.ts';
import type { PlainKernel, PlainTensor, SumsConstructor } from './plain.ts';

/** Morphological dilation: the largest sum of a pixel and its tap. */
export const dilation: PlainKernel = ({ x, filter }, attrs) => {
	const info = dilationInfo(x!.shape, filter!.shape, attrs);
	const values = new Float32Array(info.outShape.reduce((product, length) => product * length, 1));
	eachLargest(x!, filter!, info, (out, place, tap) => {
		values[out] = place < 0 ? Number.NEGATIVE_INFINITY : x!.values[place]! + filter!.values[tap]!;
	});
	return { shape: info.outShape, values };
};

/** Its gradient goes to the pixel of the largest sum; added up in `Sums`, as the stock kernel of the backend does. */
export function dilationInputGradient(Sums: SumsConstructor): PlainKernel {
	return ({ x, filter, dy }, attrs) => {
		const sums = new Sums(x!.values.length);
		eachLargest(x!, filter!, dilationInfo(x!.shape, filter!.shape, attrs), (out, place) => {
			if (place >= 0) {
				sums[place]! += dy!.values[out]!;
			}
		});
		return { shape: x!.shape, values: Float32Array.from(sums) };
	};
}

/** And to its tap. */
export function dilationFilterGradient(Sums: SumsConstructor): PlainKernel {
	return ({ x, filter, dy }, attrs) => {
		const sums = new Sums(filter!.values.length);
		eachLargest(x!, filter!, dilationInfo(x!.shape, filter!.shape, attrs), (out, place, tap) => {
			if (place >= 0) {
				sums[tap]! += dy!.values[out]!;
			}
		});
		return { shape: filter!.shape, values: Float32Array.from(sums) };
	};
}

// Calls `act` for each output with the pixel and the tap of its largest sum, which is the first NaN if there is one; -1
// where the window sees none.
function eachLargest(
	x: PlainTensor,
	filter: PlainTensor,
	i: DilationInfo,
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
							if (place < 0 || !(value <= most || Number.isNaN(most))) {
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
