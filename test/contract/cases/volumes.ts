import type { Tensor1D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, arr, build, conv2d, depthwise, pool, reshape, size, type Window } from '../arrays.ts';
import type { Case, Cases, Draw } from './case.ts';
import { convolution } from './window.ts';

type Pads = [[number, number], [number, number], [number, number], [number, number]];

/** Convolutions and poolings of other kinds: explicit padding, one and three axes, in two steps. */
export const volumes: Cases = {
	'convolution, explicit padding': {
		spreads: true,
		draw: (draw) => {
			const [n, h, w, c, o] = [draw(1, 2), draw(3, 6), draw(3, 6), draw(1, 3), draw(1, 3)];
			const { window, pads } = padded(draw, h, w);
			return {
				shapes: [
					[n, h, w, c],
					[window.height, window.width, c, o],
				],
				engine: (x, f) => tf.conv2d(x as Tensor4D, f as Tensor4D, [...window.strides], pads),
				reference: (x, f) => conv2d(x!, f!, window),
			};
		},
	},
	'depthwise convolution, dilated': {
		missing: { cpu: 'no gradient with dilation' },
		draw: (draw) => {
			const [n, h, w, c, m] = [draw(1, 2), draw(3, 6), draw(3, 6), draw(1, 4), draw(1, 3)];
			const { window, attrs } = convolution(draw, h, w, true);
			return {
				shapes: [
					[n, h, w, c],
					[window.height, window.width, c, m],
				],
				engine: (x, f) => tf.depthwiseConv2d(x as Tensor4D, f as Tensor4D, 1, attrs.pad, 'NHWC', attrs.dilations),
				reference: (x, f) => depthwise(x!, f!, window),
			};
		},
	},
	'separable convolution': {
		draw: (draw) => {
			const [n, h, w, c, m, o] = [draw(1, 2), draw(2, 5), draw(2, 5), draw(1, 3), draw(1, 2), draw(1, 4)];
			const { window, attrs } = convolution(draw, h, w, false);
			const square = { ...window, strides: [1, 1] as const };
			const fitted = { ...square, ...extent(square, h, w, attrs.pad) };
			const point: Window = { ...fitted, height: 1, width: 1, top: 0, left: 0 };
			return {
				shapes: [
					[n, h, w, c],
					[window.height, window.width, c, m],
					[1, 1, c * m, o],
				],
				engine: (x, f, p) => tf.separableConv2d(x as Tensor4D, f as Tensor4D, p as Tensor4D, 1, attrs.pad),
				reference: (x, f, p) => conv2d(depthwise(x!, f!, fitted), p!, point),
			};
		},
	},
	'convolution, one axis': {
		spreads: true,
		draw: (draw) => {
			const [n, length, c, o, stride] = [draw(1, 3), draw(3, 9), draw(1, 3), draw(1, 3), draw(1, 3)];
			const width = draw(1, 3);
			const out = Math.ceil(length / stride);
			const left = Math.floor(Math.max(0, (out - 1) * stride + width - length) / 2);
			const window: Window = {
				height: 1,
				width,
				strides: [1, stride],
				dilations: [1, 1],
				top: 0,
				left,
				outHeight: 1,
				outWidth: out,
			};
			return {
				shapes: [
					[n, length, c],
					[width, c, o],
				],
				engine: (x, f) => tf.conv1d(x as Tensor3D, f as Tensor3D, stride, 'same'),
				reference: (x, f) =>
					reshape(conv2d(reshape(x!, [n, 1, length, c]), reshape(f!, [1, width, c, o]), window), [n, out, o]),
			};
		},
	},
	'convolution, three axes': {
		draw: (draw) => {
			const [n, c, o, stride] = [draw(1, 2), draw(1, 2), draw(1, 3), draw(1, 2)];
			const extents = [draw(2, 4), draw(2, 4), draw(2, 4)];
			// With a stride beyond the window the library pads by less than nothing, which is another operation.
			const filter = extents.map(() => draw(stride, 2));
			const out = extents.map((length) => Math.ceil(length / stride));
			const before = extents.map((length, a) =>
				Math.floor(Math.max(0, (out[a]! - 1) * stride + filter[a]! - length) / 2),
			);
			return {
				shapes: [
					[n, ...extents, c],
					[...filter, c, o],
				],
				engine: (x, f) => tf.conv3d(x as Tensor5D, f as Tensor5D, stride, 'same'),
				reference: (x, f) =>
					build([n, ...out, o], ([m, i, j, k, q]) => {
						let total = 0;
						visit(
							extents,
							filter,
							[i!, j!, k!].map((p, a) => p * stride - before[a]!),
							(at, tap) => {
								for (let z = 0; z < c; z++) {
									total += strict(x!, [m!, ...at, z]) * strict(f!, [...tap, z, q!]);
								}
							},
						);
						return total;
					}),
			};
		},
	},
	'max pooling, explicit padding': explicit('max'),
	'average pooling, explicit padding': explicit('avg'),
	'max pooling, three axes': volume('max'),
	'average pooling, three axes': volume('avg'),
	'local response normalisation': {
		draw: (draw) => {
			const [n, h, w, c, radius] = [draw(1, 2), draw(1, 3), draw(1, 3), draw(1, 6), draw(1, 3)];
			return {
				shapes: [[n, h, w, c]],
				engine: (x) => tf.localResponseNormalization(x as Tensor4D, radius, 1.2, 0.7, 0.6),
				reference: (x) =>
					build([n, h, w, c], ([m, i, j, k]) => {
						let total = 0;
						for (let z = Math.max(0, k! - radius); z <= Math.min(c - 1, k! + radius); z++) {
							total += strict(x!, [m!, i!, j!, z]) ** 2;
						}
						return strict(x!, [m!, i!, j!, k!]) / (1.2 + 0.7 * total) ** 0.6;
					}),
			};
		},
	},
	'morphological dilation': {
		draw: (draw) => {
			const [n, h, w, c] = [draw(1, 2), draw(2, 5), draw(2, 5), draw(1, 3)];
			const { window, attrs } = convolution(draw, h, w, false);
			return {
				shapes: [
					[n, h, w, c],
					[window.height, window.width, c],
				],
				engine: (x, f) => tf.dilation2d(x as Tensor4D, tf.mul(f!, 0.7321) as Tensor3D, attrs.strides, attrs.pad),
				reference: (x, f) =>
					build([n, window.outHeight, window.outWidth, c], ([m, i, j, k]) => {
						let most = Number.NEGATIVE_INFINITY;
						visit(
							[h, w],
							[window.height, window.width],
							[i! * window.strides[0] - window.top, j! * window.strides[1] - window.left],
							(at, tap) => {
								most = Math.max(most, strict(x!, [m!, ...at, k!]) + 0.7321 * strict(f!, [...tap, k!]));
							},
						);
						return most;
					}),
				distinct: true,
			};
		},
	},
	'batch normalisation, given statistics': {
		draw: (draw) => {
			const c = draw(1, 5);
			return {
				shapes: [[draw(1, 3), draw(1, 3), draw(1, 3), c], [c], [c], [c], [c]],
				engine: (x, mean, variance, offset, scale) =>
					tf.batchNorm(
						x as Tensor4D,
						...([mean, variance, offset, scale] as [Tensor1D, Tensor1D, Tensor1D, Tensor1D]),
						0.01,
					),
				reference: (x, mean, variance, offset, scale) =>
					arr(
						x!.shape,
						x!.data.map((v, i) => {
							const k = i % c;
							const unit = (v - mean!.data[k]!) / Math.sqrt(variance!.data[k]! + 0.01);
							return unit * scale!.data[k]! + offset!.data[k]!;
						}),
					),
				positive: true,
			};
		},
	},
};

function explicit(kind: 'max' | 'avg'): Case {
	return {
		draw: (draw) => {
			const [n, h, w, c] = [draw(1, 2), draw(3, 6), draw(3, 6), draw(1, 5)];
			const { window, pads } = padded(draw, h, w);
			const run = kind === 'max' ? tf.maxPool : tf.avgPool;
			return {
				shapes: [[n, h, w, c]],
				engine: (x) => run(x as Tensor4D, [window.height, window.width], [...window.strides], pads),
				reference: (x) => pool(x!, window, kind),
				distinct: true,
			};
		},
	};
}

function volume(kind: 'max' | 'avg'): Case {
	return {
		draw: (draw) => {
			const [n, c, stride] = [draw(1, 2), draw(1, 3), draw(1, 2)];
			const extents = [draw(2, 4), draw(2, 4), draw(2, 4)];
			const filter = extents.map(() => draw(1, 2)) as [number, number, number];
			const out = extents.map((length, a) => Math.floor((length - filter[a]!) / stride) + 1);
			const run = kind === 'max' ? tf.maxPool3d : tf.avgPool3d;
			return {
				shapes: [[n, ...extents, c]],
				engine: (x) => run(x as Tensor5D, filter, stride, 'valid'),
				reference: (x) =>
					build([n, ...out, c], ([m, i, j, k, z]) => {
						const values: number[] = [];
						visit(extents, filter, [i! * stride, j! * stride, k! * stride], (at) => {
							values.push(strict(x!, [m!, ...at, z!]));
						});
						return kind === 'max' ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length;
					}),
				distinct: true,
			};
		},
	};
}

// A window with its own number of zeros at each border, fewer than it is wide.
function padded(draw: Draw, height: number, width: number): { window: Window; pads: Pads } {
	const [a, b] = [draw(1, 3), draw(1, 3)];
	const [top, bottom, left, right] = [draw(0, a - 1), draw(0, a - 1), draw(0, b - 1), draw(0, b - 1)];
	const strides = [draw(1, 3), draw(1, 3)] as const;
	const outHeight = Math.floor((height + top + bottom - a) / strides[0]) + 1;
	const outWidth = Math.floor((width + left + right - b) / strides[1]) + 1;
	return {
		window: { height: a, width: b, strides, dilations: [1, 1], top, left, outHeight, outWidth },
		pads: [
			[0, 0],
			[top, bottom],
			[left, right],
			[0, 0],
		],
	};
}

function extent(w: Window, height: number, width: number, pad: 'same' | 'valid') {
	const zeros = (length: number) => (pad === 'same' ? length - 1 : 0);
	return {
		outHeight: height + zeros(w.height) - w.height + 1,
		outWidth: width + zeros(w.width) - w.width + 1,
		top: Math.floor(zeros(w.height) / 2),
		left: Math.floor(zeros(w.width) / 2),
	};
}

// Every tap of a window at `corner` that lies inside, on any number of axes.
function visit(
	extents: readonly number[],
	filter: readonly number[],
	corner: readonly number[],
	act: (at: number[], tap: number[]) => void,
): void {
	build(filter, (tap) => {
		const here = tap.map((t, a) => corner[a]! + t);
		if (here.every((p, a) => p >= 0 && p < extents[a]!)) {
			act(here, [...tap]);
		}
		return 0;
	});
}

function strict(x: Arr, index: readonly number[]): number {
	return x.data[index.reduce((sum, i, axis) => sum + i * size(x.shape.slice(axis + 1)), 0)]!;
}
