import type { Window } from '../arrays.ts';
import type { Draw } from './case.ts';

export interface Convolution {
	readonly window: Window;
	readonly attrs: { strides: [number, number]; pad: 'same' | 'valid'; dilations: [number, number] };
}

// A window that fits the image, with strides, dilations and padding of every kind.
export function convolution(draw: Draw, height: number, width: number, dilate: boolean): Convolution {
	for (;;) {
		const [a, b] = [draw(1, 3), draw(1, 3)];
		const strides: [number, number] = [draw(1, 3), draw(1, 3)];
		// The library takes either strides or dilations.
		const dilations: [number, number] = dilate ? [draw(1, 2), draw(1, 2)] : [1, 1];
		if (dilate) {
			strides.fill(1);
		}
		const pad = draw(0, 1) ? 'same' : 'valid';
		const [reachA, reachB] = [(a - 1) * dilations[0] + 1, (b - 1) * dilations[1] + 1];
		const length = (whole: number, reach: number, stride: number) =>
			pad === 'same' ? Math.ceil(whole / stride) : Math.floor((whole - reach) / stride) + 1;
		const [outHeight, outWidth] = [length(height, reachA, strides[0]), length(width, reachB, strides[1])];
		const before = (out: number, whole: number, reach: number, stride: number) =>
			pad === 'same' ? Math.floor(Math.max(0, (out - 1) * stride + reach - whole) / 2) : 0;
		if (outHeight > 0 && outWidth > 0) {
			const top = before(outHeight, height, reachA, strides[0]);
			const left = before(outWidth, width, reachB, strides[1]);
			return {
				window: { height: a, width: b, strides, dilations, top, left, outHeight, outWidth },
				attrs: { strides, pad, dilations },
			};
		}
	}
}
