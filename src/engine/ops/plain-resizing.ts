import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { PlainKernel } from './plain.ts';

/** The gradient of bilinear resizing, with each convention of where a pixel lies. */
export const resizeBilinearGradient: PlainKernel = ({ images, dy }, attrs) =>
	backwards(images!, dy!, (length, out) => shares(length, out, attrs));

/** The gradient of taking the nearest pixel. */
export const resizeNearestGradient: PlainKernel = ({ images, dy }, attrs) =>
	backwards(images!, dy!, (length, out) => {
		const aligned = attrs['alignCorners'] === true && out > 1;
		const scale = aligned ? (length - 1) / (out - 1) : length / out;
		return Array.from({ length: out }, (_, i) => {
			const place = attrs['halfPixelCenters'] === true ? (i + 0.5) * scale : i * scale;
			const found = aligned ? Math.round(place) : Math.floor(place);
			return [[Math.min(length - 1, Math.max(0, found)), 1]];
		});
	});

/** For each output along an axis: the inputs that it is made of, and how much of each. */
type Shares = ReadonlyArray<ReadonlyArray<readonly [number, number]>>;

function shares(length: number, out: number, attrs: NamedAttrMap): Shares {
	const aligned = attrs['alignCorners'] === true && out > 1;
	const scale = aligned ? (length - 1) / (out - 1) : length / out;
	const inside = (i: number) => Math.min(length - 1, Math.max(0, i));
	return Array.from({ length: out }, (_, i) => {
		const place = attrs['halfPixelCenters'] === true ? (i + 0.5) * scale - 0.5 : i * scale;
		const from = Math.floor(place);
		const part = place - from;
		return [
			[inside(from), 1 - part],
			[inside(Math.ceil(place)), part],
		];
	});
}

function backwards(
	images: { shape: readonly number[]; values: Float32Array },
	dy: { shape: readonly number[]; values: Float32Array },
	sharesOf: (length: number, out: number) => Shares,
) {
	const [batch, height, width, channels] = images.shape as [number, number, number, number];
	const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
	const [rows, columns] = [sharesOf(height, outHeight), sharesOf(width, outWidth)];
	const values = new Float32Array(images.values.length);
	for (let n = 0; n < batch; n++) {
		for (const [i, ofRow] of rows.entries()) {
			for (const [j, ofColumn] of columns.entries()) {
				const from = ((n * outHeight + i) * outWidth + j) * channels;
				for (const [row, a] of ofRow) {
					for (const [column, b] of ofColumn) {
						const to = ((n * height + row) * width + column) * channels;
						for (let c = 0; c < channels; c++) {
							values[to + c]! += dy.values[from + c]! * a * b;
						}
					}
				}
			}
		}
	}
	return { shape: images.shape, values };
}
