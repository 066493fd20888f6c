import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { conv2d as fusedConv2d } from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, arr, at, broadcast, build, conv2d, depthwise, map } from '../arrays.ts';
import type { Cases } from './case.ts';
import { convolution } from './window.ts';

const relu = (a: Arr): Arr => map(a, (x) => Math.max(x, 0));

/** Of every stride, padding and dilation. */
export const convolutions: Cases = {
	convolution: {
		spreads: true,
		missing: { cpu: 'no gradient with dilation' },
		draw: (draw) => {
			const [n, h, w, c, o] = [draw(1, 2), draw(1, 6), draw(1, 6), draw(1, 3), draw(1, 3)];
			const { window, attrs } = convolution(draw, h, w, draw(0, 2) === 0);
			return {
				shapes: [
					[n, h, w, c],
					[window.height, window.width, c, o],
				],
				engine: (x, f) => tf.conv2d(x as Tensor4D, f as Tensor4D, attrs.strides, attrs.pad, 'NHWC', attrs.dilations),
				reference: (x, f) => conv2d(x!, f!, window),
			};
		},
	},
	'convolution (fused)': {
		spreads: true,
		draw: (draw) => {
			const [n, h, w, c, o] = [draw(1, 2), draw(1, 6), draw(1, 6), draw(1, 3), draw(1, 3)];
			const { window, attrs } = convolution(draw, h, w, false);
			const active = draw(0, 1) === 1;
			return {
				shapes: [[n, h, w, c], [window.height, window.width, c, o], [o]],
				engine: (x, f, b) =>
					fusedConv2d(x as Tensor4D, f as Tensor4D, b as Tensor1D, {
						strides: attrs.strides,
						pad: attrs.pad,
						activation: active ? 'relu' : 'linear',
					}),
				reference: (x, f, b) => {
					const z = broadcast(conv2d(x!, f!, window), b!, (p, q) => p + q);
					return active ? relu(z) : z;
				},
			};
		},
	},
	'depthwise convolution': {
		draw: (draw) => {
			const [n, h, w, c, m] = [draw(1, 2), draw(1, 6), draw(1, 6), draw(1, 4), draw(1, 2)];
			const { window, attrs } = convolution(draw, h, w, false);
			const stride = attrs.strides[0];
			const square = { ...window, strides: [stride, stride] as const };
			const length = (whole: number, reach: number) =>
				attrs.pad === 'same' ? Math.ceil(whole / stride) : Math.floor((whole - reach) / stride) + 1;
			const [outHeight, outWidth] = [length(h, window.height), length(w, window.width)];
			const before = (out: number, whole: number, reach: number) =>
				attrs.pad === 'same' ? Math.floor(Math.max(0, (out - 1) * stride + reach - whole) / 2) : 0;
			const fitted = {
				...square,
				outHeight,
				outWidth,
				top: before(outHeight, h, window.height),
				left: before(outWidth, w, window.width),
			};
			return {
				shapes: [
					[n, h, w, c],
					[window.height, window.width, c, m],
				],
				engine: (x, f) => tf.depthwiseConv2d(x as Tensor4D, f as Tensor4D, stride, attrs.pad),
				reference: (x, f) => depthwise(x!, f!, fitted),
			};
		},
	},
	'transposed convolution': {
		spreads: true,
		draw: (draw) => {
			const [n, h, w, c, o, stride, k] = [
				draw(1, 2),
				draw(1, 4),
				draw(1, 4),
				draw(1, 3),
				draw(1, 3),
				draw(1, 2),
				draw(1, 3),
			];
			const [oh, ow] = [h * stride, w * stride];
			const before = Math.floor(Math.max(0, (h - 1) * stride + k - oh) / 2);
			const beforeW = Math.floor(Math.max(0, (w - 1) * stride + k - ow) / 2);
			return {
				shapes: [
					[n, h, w, c],
					[k, k, o, c],
				],
				engine: (x, f) => tf.conv2dTranspose(x as Tensor4D, f as Tensor4D, [n, oh, ow, o], stride, 'same'),
				reference: (x, f) => {
					const out = arr([n, oh, ow, o]);
					build(x!.shape, (index) => {
						const [m, i, j, channel] = index as [number, number, number, number];
						for (let a = 0; a < k; a++) {
							for (let b = 0; b < k; b++) {
								const [row, column] = [i * stride + a - before, j * stride + b - beforeW];
								for (let z = 0; z < o && row >= 0 && row < oh && column >= 0 && column < ow; z++) {
									const weight = f!.data[((a * k + b) * o + z) * c + channel]!;
									out.data[((m * oh + row) * ow + column) * o + z]! += at(x!, index) * weight;
								}
							}
						}
						return 0;
					});
					return out;
				},
			};
		},
	},
};
