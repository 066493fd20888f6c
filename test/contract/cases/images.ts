import type { Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, at, build } from '../arrays.ts';
import type { Case, Cases, Draw } from './case.ts';

/** Resizing with each convention of where a pixel lies. */
export const images: Cases = {
	'resize, bilinear, corners aligned': bilinear('corners'),
	'resize, bilinear, half-pixel centres': bilinear('centres'),
	'resize, nearest, corners aligned': nearest('corners'),
	'resize, nearest, half-pixel centres': nearest('centres'),
};

type Convention = 'corners' | 'centres';

function bilinear(convention: Convention): Case {
	return {
		draw: (draw) => {
			const { shape, size, source } = drawn(draw, convention);
			return {
				shapes: [shape],
				engine: (x) => tf.image.resizeBilinear(x as Tensor4D, size, ...flags(convention)),
				reference: (x) =>
					build([shape[0], ...size, shape[3]], ([m, row, column, k]) => {
						const [y, z] = [source(row!, 1), source(column!, 2)];
						const pixel = (a: number, b: number) => at(x!, [m!, inside(a, shape[1]), inside(b, shape[2]), k!]);
						const [top, bottom] = [Math.floor(y), Math.ceil(y)].map((a) => {
							const left = pixel(a, Math.floor(z));
							return left + (pixel(a, Math.ceil(z)) - left) * (z - Math.floor(z));
						}) as [number, number];
						return top + (bottom - top) * (y - Math.floor(y));
					}),
			};
		},
	};
}

function nearest(convention: Convention): Case {
	return {
		draw: (draw) => {
			const { shape, size, source } = drawn(draw, convention);
			const found = (i: number, axis: 1 | 2) => {
				const from = source(i, axis);
				// Half-pixel centres name the pixel that a place lies in; its edge is half a pixel before its centre.
				return inside(convention === 'corners' ? Math.round(from) : Math.floor(from + 0.5), shape[axis]);
			};
			return {
				shapes: [shape],
				engine: (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, size, ...flags(convention)),
				reference: (x: Arr | undefined) =>
					build([shape[0], ...size, shape[3]], ([m, row, column, k]) =>
						at(x!, [m!, found(row!, 1), found(column!, 2), k!]),
					),
			};
		},
	};
}

function drawn(draw: Draw, convention: Convention) {
	const shape: [number, number, number, number] = [draw(1, 3), draw(2, 5), draw(2, 5), draw(1, 3)];
	const size: [number, number] = [draw(2, 8), draw(2, 8)];
	const source = (i: number, axis: 1 | 2) => {
		const [from, to] = [shape[axis], size[axis - 1]!];
		return convention === 'corners' ? (i * (from - 1)) / (to - 1) : ((i + 0.5) * from) / to - 0.5;
	};
	return { shape, size, source };
}

const flags = (convention: Convention): [boolean, boolean] => [convention === 'corners', convention === 'centres'];

const inside = (i: number, length: number): number => Math.min(length - 1, Math.max(0, i));
