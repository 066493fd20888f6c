import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import {
	batchNorm,
	conv2d as fusedConv2d,
	linear,
	sigmoidCrossEntropy,
	softmaxCrossEntropy,
} from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import {
	type Arr,
	arr,
	at,
	broadcast,
	build,
	conv2d,
	depthwise,
	map,
	matMul,
	mean,
	pool,
	reduce,
	reshape,
	sum,
	transpose,
	type Window,
} from './arrays.ts';

/** Draws whole numbers between two bounds, both possible. */
export type Draw = (from: number, to: number) => number;

/** One drawn example of an operation: input shapes, what the engine computes, what is right. */
export interface Example {
	readonly shapes: ReadonlyArray<readonly number[]>;
	readonly engine: (...inputs: Tensor[]) => Tensor;
	readonly reference: (...inputs: Arr[]) => Arr;
	/** All values apart by more than the reference's step: for maxima, whose gradient jumps. */
	readonly distinct?: boolean;
	/** Values from 0.5 to 1.5 rather than -1 to 1. */
	readonly positive?: boolean;
}

export interface Case {
	readonly draw: (draw: Draw) => Example;
	/** Tiers where the stock library cannot do it, and the library's reason. */
	readonly missing?: { readonly [tier: string]: string };
}

const shapeOf = (draw: Draw, rank: number, most = 5): number[] => Array.from({ length: rank }, () => draw(1, most));

const unary = (engine: (x: Tensor) => Tensor, f: (x: number) => number, positive = false): Case => ({
	draw: (draw) => ({
		shapes: [shapeOf(draw, draw(1, 4), 4)],
		engine: (x) => engine(x!),
		reference: (x) => map(x!, f),
		distinct: true,
		positive,
	}),
});

const binary = (
	engine: (a: Tensor, b: Tensor) => Tensor,
	f: (x: number, y: number) => number,
	positive = false,
): Case => ({
	draw: (draw) => {
		const shape = shapeOf(draw, draw(1, 4), 4);
		const kinds = [
			shape,
			shape.slice(draw(0, shape.length)),
			[],
			shape.map((length, axis) => (axis < shape.length / 2 ? length : 1)),
			shape.map((length) => (draw(0, 1) ? length : 1)),
		];
		const other = kinds[draw(0, kinds.length - 1)]!;
		const turned = draw(0, 1) === 1;
		return {
			shapes: turned ? [other, shape] : [shape, other],
			engine: (a, b) => engine(a!, b!),
			reference: (a, b) => broadcast(a!, b!, f),
			distinct: true,
			positive,
		};
	},
});

const reduction = (
	engine: (x: Tensor, axes: number[], keep: boolean) => Tensor,
	f: (x: Arr, axes: number[]) => Arr,
): Case => ({
	draw: (draw) => {
		const shape = shapeOf(draw, draw(1, 4));
		const axes = shape.map((_, axis) => axis).filter(() => draw(0, 1) === 1);
		const chosen = axes.length > 0 ? axes : [draw(0, shape.length - 1)];
		const keep = draw(0, 1) === 1;
		const out = shape.filter((_, axis) => !chosen.includes(axis));
		return {
			shapes: [shape],
			engine: (x) => engine(x!, chosen, keep),
			reference: (x) => (keep ? f(x!, chosen) : reshape(f(x!, chosen), out)),
			distinct: true,
		};
	},
});

interface Convolution {
	readonly window: Window;
	readonly attrs: { strides: [number, number]; pad: 'same' | 'valid'; dilations: [number, number] };
}

// A window that fits the image, with strides, dilations and padding of every kind.
function convolution(draw: Draw, height: number, width: number, dilate: boolean): Convolution {
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

const relu = (a: Arr): Arr => map(a, (x) => Math.max(x, 0));

/** Every operation whose value and gradient the engine answers for. */
export const cases: { readonly [name: string]: Case } = {
	add: binary(
		(a, b) => tf.add(a, b),
		(x, y) => x + y,
	),
	subtract: binary(
		(a, b) => tf.sub(a, b),
		(x, y) => x - y,
	),
	multiply: binary(
		(a, b) => tf.mul(a, b),
		(x, y) => x * y,
	),
	divide: binary(
		(a, b) => tf.div(a, b),
		(x, y) => x / y,
		true,
	),
	maximum: binary(
		(a, b) => tf.maximum(a, b),
		(x, y) => Math.max(x, y),
	),
	minimum: binary(
		(a, b) => tf.minimum(a, b),
		(x, y) => Math.min(x, y),
	),
	'squared difference': binary(
		(a, b) => tf.squaredDifference(a, b),
		(x, y) => (x - y) ** 2,
	),
	power: binary(
		(a, b) => tf.pow(a, b),
		(x, y) => x ** y,
		true,
	),
	relu: unary(
		(x) => tf.relu(x),
		(x) => Math.max(x, 0),
	),
	relu6: unary(
		(x) => tf.relu6(tf.mul(x, 8)),
		(x) => Math.min(6, Math.max(8 * x, 0)),
	),
	'leaky relu': unary(
		(x) => tf.leakyRelu(x, 0.1),
		(x) => (x > 0 ? x : 0.1 * x),
	),
	elu: unary(
		(x) => tf.elu(x),
		(x) => (x > 0 ? x : Math.expm1(x)),
	),
	selu: unary(
		(x) => tf.selu(x),
		(x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
	),
	sigmoid: unary(
		(x) => tf.sigmoid(x),
		(x) => 1 / (1 + Math.exp(-x)),
	),
	tanh: unary((x) => tf.tanh(x), Math.tanh),
	softplus: unary(
		(x) => tf.softplus(x),
		(x) => Math.log1p(Math.exp(x)),
	),
	exp: unary((x) => tf.exp(x), Math.exp),
	expm1: unary((x) => tf.expm1(x), Math.expm1),
	log: unary((x) => tf.log(x), Math.log, true),
	log1p: unary((x) => tf.log1p(x), Math.log1p, true),
	sqrt: unary((x) => tf.sqrt(x), Math.sqrt, true),
	rsqrt: unary(
		(x) => tf.rsqrt(x),
		(x) => 1 / Math.sqrt(x),
		true,
	),
	reciprocal: unary(
		(x) => tf.reciprocal(x),
		(x) => 1 / x,
		true,
	),
	square: unary(
		(x) => tf.square(x),
		(x) => x * x,
	),
	abs: unary((x) => tf.abs(x), Math.abs),
	negate: unary(
		(x) => tf.neg(x),
		(x) => -x,
	),
	sin: unary((x) => tf.sin(x), Math.sin),
	cos: unary((x) => tf.cos(x), Math.cos),
	clip: unary(
		(x) => tf.clipByValue(x, -0.5, 0.7),
		(x) => Math.min(0.7, Math.max(-0.5, x)),
	),
	sum: reduction((x, axes, keep) => tf.sum(x, axes, keep), sum),
	mean: reduction((x, axes, keep) => tf.mean(x, axes, keep), mean),
	max: reduction(
		(x, axes, keep) => tf.max(x, axes, keep),
		(x, axes) => reduce(x, axes, Math.max, Number.NEGATIVE_INFINITY),
	),
	min: reduction(
		(x, axes, keep) => tf.min(x, axes, keep),
		(x, axes) => reduce(x, axes, Math.min, Number.POSITIVE_INFINITY),
	),
	'log sum exp': reduction(
		(x, axes, keep) => tf.logSumExp(x, axes, keep),
		(x, axes) => map(sum(map(x, Math.exp), axes), Math.log),
	),
	softmax: {
		draw: (draw) => ({
			shapes: [shapeOf(draw, draw(1, 3), 6)],
			engine: (x) => tf.softmax(x!),
			reference: (x) => broadcast(map(x!, Math.exp), sum(map(x!, Math.exp), [x!.shape.length - 1]), (a, b) => a / b),
		}),
	},
	'log softmax': {
		draw: (draw) => ({
			shapes: [shapeOf(draw, draw(1, 3), 6)],
			engine: (x) => tf.logSoftmax(x!),
			reference: (x) => broadcast(x!, sum(map(x!, Math.exp), [x!.shape.length - 1]), (a, b) => a - Math.log(b)),
		}),
	},
	'matrix product': {
		draw: (draw) => {
			const [m, n, k, batches] = [draw(1, 9), draw(1, 9), draw(1, 7), draw(1, 3)];
			const [ta, tb] = [draw(0, 1) === 1, draw(0, 1) === 1];
			const rank = draw(2, 3);
			const lead = rank === 2 ? [] : [batches];
			const second = rank === 3 && draw(0, 1) ? [1] : lead;
			return {
				shapes: [
					[...lead, ...(ta ? [k, m] : [m, k])],
					[...second, ...(tb ? [n, k] : [k, n])],
				],
				engine: (a, b) => tf.matMul(a!, b!, ta, tb),
				reference: (a, b) => matMul(a!, b!, ta, tb),
			};
		},
	},
	'dense layer (fused)': {
		draw: (draw) => {
			const [rows, inputs, outputs] = [draw(1, 7), draw(1, 6), draw(1, 9)];
			const active = draw(0, 1) === 1;
			return {
				shapes: [[rows, inputs], [inputs, outputs], [outputs]],
				engine: (x, w, b) => linear(x as Tensor2D, w as Tensor2D, b as Tensor1D, active ? 'relu' : 'linear'),
				reference: (x, w, b) => {
					const z = broadcast(matMul(x!, w!), b!, (p, q) => p + q);
					return active ? relu(z) : z;
				},
			};
		},
	},
	convolution: {
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
	'max pooling': pooling('max'),
	'average pooling': pooling('avg'),
	'batch normalisation (fused, training)': {
		draw: (draw) => {
			const channels = draw(1, 5);
			const shape = [draw(2, 4), draw(1, 3), draw(1, 3), channels];
			return {
				shapes: [shape, [channels], [channels]],
				engine: (x, gamma, beta) => batchNorm(x!, gamma as Tensor1D, beta as Tensor1D, 0.01).y,
				reference: (x, gamma, beta) => {
					const centre = mean(x!, [0, 1, 2]);
					const centred = broadcast(x!, centre, (p, q) => p - q);
					const deviation = map(
						mean(
							map(centred, (v) => v * v),
							[0, 1, 2],
						),
						(v) => Math.sqrt(v + 0.01),
					);
					const unit = broadcast(centred, deviation, (p, q) => p / q);
					return broadcast(
						broadcast(unit, gamma!, (p, q) => p * q),
						beta!,
						(p, q) => p + q,
					);
				},
			};
		},
	},
	'softmax cross entropy (fused)': {
		draw: (draw) => {
			const [rows, classes] = [draw(1, 6), draw(1, 7)];
			const labels = Array.from({ length: rows }, () => draw(0, classes - 1));
			const smoothing = draw(0, 1) * 0.2;
			return {
				shapes: [[rows, classes]],
				engine: (x) => softmaxCrossEntropy(x as Tensor2D, tf.tensor1d(labels, 'int32'), smoothing),
				reference: (x) =>
					build([rows], ([r]) => {
						const row = Array.from({ length: classes }, (_, j) => at(x!, [r!, j]));
						const total = Math.log(row.reduce((s, v) => s + Math.exp(v), 0));
						const target = (j: number) => (j === labels[r!] ? 1 - smoothing : 0) + smoothing / classes;
						return row.reduce((s, v, j) => s + target(j) * (total - v), 0);
					}),
			};
		},
	},
	'binary cross entropy (fused)': {
		draw: (draw) => {
			const [rows, columns] = [draw(1, 5), draw(1, 9)];
			const targets = Array.from({ length: rows * columns }, () => draw(0, 4) / 4);
			const scale = [1, 8, 60][draw(0, 2)]!;
			return {
				shapes: [[rows, columns]],
				engine: (x) => sigmoidCrossEntropy(tf.mul(x!, scale) as Tensor2D, tf.tensor2d(targets, [rows, columns])),
				reference: (x) =>
					build([rows], ([r]) => {
						let total = 0;
						for (let j = 0; j < columns; j++) {
							const z = at(x!, [r!, j]) * scale;
							total += Math.max(z, 0) - z * targets[r! * columns + j]! + Math.log1p(Math.exp(-Math.abs(z)));
						}
						return total;
					}),
				distinct: true,
			};
		},
	},
	transpose: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 5), 4);
			const perm = shape.map((_, axis) => axis);
			for (let i = perm.length - 1; i > 0; i--) {
				const j = draw(0, i);
				[perm[i], perm[j]] = [perm[j]!, perm[i]!];
			}
			return { shapes: [shape], engine: (x) => tf.transpose(x!, perm), reference: (x) => transpose(x!, perm) };
		},
	},
	tile: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const reps = shape.map(() => draw(1, 3));
			const whole = shape.map((length, axis) => length * reps[axis]!);
			return {
				shapes: [shape],
				engine: (x) => tf.tile(x!, reps),
				reference: (x) =>
					build(whole, (index) =>
						at(
							x!,
							index.map((i, axis) => i % shape[axis]!),
						),
					),
			};
		},
	},
	gather: {
		draw: (draw) => {
			const [rows, inner, count] = [draw(1, 6), draw(1, 4), draw(1, 8)];
			const ids = Array.from({ length: count }, () => draw(0, rows - 1));
			return {
				shapes: [[rows, inner]],
				engine: (x) => tf.gather(x!, tf.tensor1d(ids, 'int32')),
				reference: (x) => build([count, inner], ([r, j]) => at(x!, [ids[r!]!, j!])),
			};
		},
	},
	slice: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4));
			const begin = shape.map((length) => draw(0, length - 1));
			const size = shape.map((length, axis) => draw(1, length - begin[axis]!));
			return {
				shapes: [shape],
				engine: (x) => tf.slice(x!, begin, size),
				reference: (x) =>
					build(size, (index) =>
						at(
							x!,
							index.map((i, axis) => (shape[axis] === 1 ? 0 : i + begin[axis]!)),
						),
					),
			};
		},
	},
	concatenate: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4));
			const axis = draw(0, shape.length - 1);
			const other = shape.map((length, i) => (i === axis ? draw(1, 4) : length));
			const whole = shape.map((length, i) => (i === axis ? length + other[axis]! : length));
			return {
				shapes: [shape, other],
				engine: (a, b) => tf.concat([a!, b!], axis),
				reference: (a, b) =>
					build(whole, (index) =>
						index[axis]! < shape[axis]!
							? at(a!, index)
							: at(
									b!,
									index.map((i, k) => (k === axis ? i - shape[axis]! : i)),
								),
					),
			};
		},
	},
	pad: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const pads = shape.map(() => [draw(0, 2), draw(0, 2)] as [number, number]);
			const whole = shape.map((length, axis) => length + pads[axis]![0] + pads[axis]![1]);
			return {
				shapes: [shape],
				engine: (x) => tf.pad(x!, pads),
				reference: (x) =>
					build(whole, (index) => {
						const from = index.map((i, axis) => i - pads[axis]![0]);
						return from.every((i, axis) => i >= 0 && i < shape[axis]!) ? at(x!, from) : 0;
					}),
			};
		},
	},
	einsum: {
		draw: (draw) => {
			const [b, i, j, k] = [draw(1, 3), draw(1, 4), draw(1, 4), draw(1, 4)];
			const forms: Array<{ text: string; shapes: number[][]; f: (x: Arr, y: Arr) => Arr }> = [
				{
					text: 'ij,jk->ik',
					shapes: [
						[i, j],
						[j, k],
					],
					f: (x, y) => matMul(x, y),
				},
				{
					text: 'bij,bkj->bik',
					shapes: [
						[b, i, j],
						[b, k, j],
					],
					f: (x, y) => matMul(x, y, false, true),
				},
				{
					text: 'bij,jk->bki',
					shapes: [
						[b, i, j],
						[j, k],
					],
					f: (x, y) => transpose(matMul(x, y), [0, 2, 1]),
				},
			];
			const form = forms[draw(0, forms.length - 1)]!;
			return {
				shapes: form.shapes,
				engine: (x, y) => tf.einsum(form.text, x!, y!),
				reference: (x, y) => form.f(x!, y!),
			};
		},
	},
	'resize, bilinear': {
		missing: { cpu: 'wrong gradient for images that are not square' },
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
		missing: { cpu: 'wrong gradient for batches of more than one' },
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
	'transposed convolution': {
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

function pooling(kind: 'max' | 'avg'): Case {
	return {
		...(kind === 'avg' && { missing: { cpu: 'wrong gradient at padded borders' } }),
		draw: (draw) => {
			const [n, h, w, c] = [draw(1, 2), draw(1, 6), draw(1, 6), draw(1, 5)];
			const { window, attrs } = convolution(draw, h, w, false);
			const size: [number, number] = [window.height, window.width];
			const engine = (x: Tensor) =>
				kind === 'max'
					? tf.maxPool(x as Tensor3D | Tensor4D, size, attrs.strides, attrs.pad)
					: tf.avgPool(x as Tensor3D | Tensor4D, size, attrs.strides, attrs.pad);
			return {
				shapes: [[n, h, w, c]],
				engine: (x) => engine(x!),
				reference: (x) => pool(x!, window, kind),
				distinct: true,
			};
		},
	};
}
