import type { Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { at, build } from '../arrays.ts';
import type { Cases } from './case.ts';

/** Images of another size. */
export const resizing: Cases = {
	'resize, bilinear': {
		draw: (draw) => {
			const [n, h, w, c, p, q] = [draw(1, 2), draw(2, 4), draw(2, 4), draw(1, 3), draw(2, 7), draw(2, 7)];
			const place = (i: number, whole: number, out: number) => (i * whole) / out;
			return {
				shapes: [[n, h, w, c]],
				engine: (x) => tf.image.resizeBilinear(x as Tensor4D, [p, q]),
				reference: (x) =>
					build([n, p, q, c], ([m, row, column, channel]) => {
						const [y, z] = [place(row!, h, p), place(column!, w, q)];
						const [y0, z0] = [Math.floor(y), Math.floor(z)];
						const [y1, z1] = [Math.min(h - 1, Math.ceil(y)), Math.min(w - 1, Math.ceil(z))];
						const pixel = (a: number, b: number) => at(x!, [m!, a, b, channel!]);
						const top = pixel(y0, z0) + (pixel(y0, z1) - pixel(y0, z0)) * (z - z0);
						const bottom = pixel(y1, z0) + (pixel(y1, z1) - pixel(y1, z0)) * (z - z0);
						return top + (bottom - top) * (y - y0);
					}),
			};
		},
	},
	'resize, nearest': {
		draw: (draw) => {
			const [n, h, w, c, times] = [draw(1, 3), draw(1, 4), draw(1, 4), draw(1, 3), draw(1, 3)];
			return {
				shapes: [[n, h, w, c]],
				engine: (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [h * times, w * times]),
				reference: (x) =>
					build([n, h * times, w * times, c], ([m, row, column, channel]) =>
						at(x!, [m!, Math.floor(row! / times), Math.floor(column! / times), channel!]),
					),
			};
		},
	},
};
