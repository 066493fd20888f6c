import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { conv2d, linear, softmaxCrossEntropy } from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, arr } from '../arrays.ts';
import type { Case, Cases } from './case.ts';

/** Tensors without a value: the last batch of a filtered data set, a class that nobody has. */
export const empty: Cases = {
	'nothing: arithmetic': nothing([0, 3], (x) => tf.mul(tf.add(x, 1), tf.tensor1d([1, 2, 3]))),
	'nothing: between two': {
		fixed: true,
		draw: () => ({
			shapes: [[0, 3], [3]],
			engine: (a, b) => tf.mul(a!, b!),
			reference: () => arr([0, 3]),
		}),
	},
	'nothing: activations': nothing([2, 0], (x) => tf.relu(tf.sigmoid(tf.exp(tf.tanh(x))))),
	'nothing: its sum': sumsTo([0, 3], [], (x) => tf.sum(x)),
	'nothing: sums of columns': sumsTo([0, 3], [3], (x) => tf.sum(x, 0)),
	'nothing: sums of rows': sumsTo([0, 3], [0], (x) => tf.sum(x, 1)),
	'nothing: products over the empty axis': {
		fixed: true,
		draw: () => ({
			shapes: [
				[3, 0],
				[0, 2],
			],
			engine: (a, b) => tf.matMul(a!, b!),
			reference: () => arr([3, 2]),
		}),
	},
	'nothing: products of no rows': {
		fixed: true,
		draw: () => ({
			shapes: [
				[0, 3],
				[3, 2],
			],
			engine: (a, b) => tf.matMul(a!, b!),
			reference: () => arr([0, 2]),
		}),
	},
	'nothing: dense layer': {
		fixed: true,
		draw: () => ({
			shapes: [[0, 3], [3, 2], [2]],
			engine: (x, w, b) => linear(x as Tensor2D, w as Tensor2D, b as Tensor1D, 'relu'),
			reference: () => arr([0, 2]),
		}),
	},
	'nothing: convolution': {
		fixed: true,
		draw: () => ({
			shapes: [[0, 5, 5, 2], [3, 3, 2, 3], [3]],
			engine: (x, f, b) => conv2d(x as Tensor4D, f as Tensor4D, b as Tensor1D, { activation: 'relu' }),
			reference: () => arr([0, 3, 3, 3]),
		}),
	},
	'nothing: depthwise convolution': {
		fixed: true,
		draw: () => ({
			shapes: [
				[0, 5, 5, 2],
				[3, 3, 2, 2],
			],
			engine: (x, f) => tf.depthwiseConv2d(x as Tensor4D, f as Tensor4D, 1, 'valid'),
			reference: () => arr([0, 3, 3, 4]),
		}),
	},
	'nothing: max pooling': nothing([0, 4, 4, 2], (x) => tf.maxPool(x as Tensor4D, 2, 2, 'valid'), [0, 2, 2, 2]),
	'nothing: average pooling': nothing([0, 4, 4, 2], (x) => tf.avgPool(x as Tensor4D, 2, 2, 'valid'), [0, 2, 2, 2]),
	'nothing: softmax': nothing([0, 4], (x) => tf.softmax(x)),
	'nothing: cross entropy': nothing([0, 4], (x) => softmaxCrossEntropy(x as Tensor2D, tf.tensor1d([], 'int32')), [0]),
	'nothing: batch normalisation, given statistics': nothing([0, 3], (x) =>
		tf.batchNorm(x, tf.zeros([3]), tf.ones([3]), tf.zeros([3]), tf.ones([3])),
	),
	'nothing: transposed': nothing([0, 3, 2], (x) => tf.transpose(x, [2, 0, 1]), [2, 0, 3]),
	'nothing: repeated': nothing([0, 3], (x) => tf.tile(x, [2, 2]), [0, 6]),
	'nothing: gathered': nothing([4, 3], (x) => tf.gather(x, tf.tensor1d([], 'int32')), [0, 3]),
	'nothing: sliced': nothing([4, 3], (x) => tf.slice(x, [2, 0], [0, 3]), [0, 3]),
	'nothing: beside something': {
		fixed: true,
		draw: () => ({
			shapes: [
				[0, 3],
				[2, 3],
			],
			engine: (a, b) => tf.concat([a!, b!], 0),
			reference: (_a, b) => b!,
		}),
	},
	'nothing: padded': sumsTo([0, 2], [3, 2], (x) =>
		tf.pad(x, [
			[1, 2],
			[0, 0],
		]),
	),
	'nothing: reshaped': nothing([0, 6], (x) => tf.reshape(x, [3, 0, 2]), [3, 0, 2]),
	'nothing: running sum': nothing([0, 3], (x) => tf.cumsum(x, 0)),
	'nothing: reversed': nothing([0, 3], (x) => tf.reverse(x, 0)),
};

function nothing(shape: number[], engine: (x: Tensor) => Tensor, out = shape): Case {
	return { fixed: true, draw: () => ({ shapes: [shape], engine: (x) => engine(x!), reference: () => arr(out) }) };
}

// Of nothing, yet with values: zeros.
function sumsTo(shape: number[], out: number[], engine: (x: Tensor) => Tensor): Case {
	return { fixed: true, draw: () => ({ shapes: [shape], engine: (x) => engine(x!), reference: (): Arr => arr(out) }) };
}
