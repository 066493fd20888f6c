import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { PlainKernel, PlainTensor } from './plain.ts';

/** Bilinear resizing, with each convention of where a pixel lies; what has no share in an output does not reach it. */
export const resizeBilinear: PlainKernel = ({ images }, attrs) => {
	const [batch, height, width, channels] = images!.shape as [number, number, number, number];
	const [outHeight, outWidth] = attrs['size'] as [number, number];
	const shape = [batch, outHeight, outWidth, channels];
	const values = new Float32Array(batch * outHeight * outWidth * channels);
	const [rows, columns] = [shares(height, outHeight, attrs), shares(width, outWidth, attrs)];
	eachShare(images!.shape, shape, rows, columns, (from, to, ofRow, ofColumn) => {
		for (let c = 0; ofRow * ofColumn !== 0 && c < channels; c++) {
			values[to + c]! += images!.values[from + c]! * ofRow * ofColumn;
		}
	});
	return { shape, values };
};

/** The gradient of bilinear resizing. */
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

function backwards(images: PlainTensor, dy: PlainTensor, sharesOf: (length: number, out: number) => Shares) {
	const [, height, width, channels] = images.shape as [number, number, number, number];
	const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
	const [rows, columns] = [sharesOf(height, outHeight), sharesOf(width, outWidth)];
	const values = new Float32Array(images.values.length);
	eachShare(images.shape, dy.shape, rows, columns, (to, from, a, b) => {
		for (let c = 0; c < channels; c++) {
			values[to + c]! += dy.values[from + c]! * a * b;
		}
	});
	return { shape: images.shape, values };
}

// Calls `act` with the places of an input pixel and of an output pixel that it has a share in, along rows and columns.
function eachShare(
	images: readonly number[],
	out: readonly number[],
	rows: Shares,
	columns: Shares,
	act: (input: number, output: number, ofRow: number, ofColumn: number) => void,
): void {
	const [batch, height, width, channels] = images as [number, number, number, number];
	const [, outHeight, outWidth] = out as [number, number, number, number];
	for (let n = 0; n < batch; n++) {
		for (const [i, ofRow] of rows.entries()) {
			for (const [j, ofColumn] of columns.entries()) {
				const output = ((n * outHeight + i) * outWidth + j) * channels;
				for (const [row, a] of ofRow) {
					for (const [column, b] of ofColumn) {
						act(((n * height + row) * width + column) * channels, output, a, b);
					}
				}
			}
		}
	}
}
