import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import test from 'ava';
import { stopEngine } from '../../src/engine/backend.ts';
import { batchNorm, conv2d, linear, sigmoidCrossEntropy, softmaxCrossEntropy } from '../../src/engine/fused-ops.ts';
import { tf } from '../../src/engine/tf.ts';
import { figuresOfBroken } from './metrics.ts';
import { narrower, startTier, tiers } from './tiers.ts';

const [missing, infinite] = [Number.NaN, Number.POSITIVE_INFINITY];

type Layer = (x: Tensor2D) => Tensor;

const image = (x: Tensor2D): Tensor4D => tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]]);
const strip = (x: Tensor2D): Tensor4D => tf.reshape(x, [x.shape[0], 1, x.shape[1], 1]);
const row = (x: Tensor2D, value: number) => tf.fill([x.shape[1]], value) as never;
const column = (x: Tensor2D, value: number) => tf.fill([x.shape[0], 1], value);
const ones = (...shape: number[]) => tf.ones(shape) as never;
const labels = (x: Tensor2D) => tf.zeros([x.shape[0]], 'int32') as Tensor1D;
const turned = (x: Tensor2D): Tensor2D => tf.transpose(x);

/** NaN where x has it and nowhere else. */
const perValue: { readonly [name: string]: Layer } = {
	relu: (x) => tf.relu(x),
	relu6: (x) => tf.relu6(x),
	'leaky relu': (x) => tf.leakyRelu(x, 0.1),
	elu: (x) => tf.elu(x),
	selu: (x) => tf.selu(x),
	prelu: (x) => tf.prelu(x, row(x, 0.1)),
	sigmoid: (x) => tf.sigmoid(x),
	softplus: (x) => tf.softplus(x),
	sign: (x) => tf.sign(x),
	step: (x) => tf.step(x),
	exp: (x) => tf.exp(x),
	clip: (x) => tf.clipByValue(x, -0.5, 0.5),
	'maximum, of a number': (x) => tf.maximum(x, 0),
	'maximum, a number first': (x) => tf.maximum(0, x),
	'minimum, of a number': (x) => tf.minimum(x, 0),
	'maximum, of one shape': (x) => tf.maximum(x, tf.zerosLike(x)),
	'maximum, of one shape, x second': (x) => tf.maximum(tf.zerosLike(x), x),
	'minimum, of a row': (x) => tf.minimum(x, row(x, 0)),
	'maximum, a column first': (x) => tf.maximum(column(x, 0), x),
	'max pooling, a window of one': (x) => tf.maxPool(image(x), 1, 1, 'valid'),
};

/** NaN all over the rows in which x has it, and nowhere else. */
const perRow: { readonly [name: string]: Layer } = {
	'dense layer with relu': (x) => linear(x, ones(x.shape[1], 39), ones(39), 'relu'),
	'dense layer of many inputs with relu': (x) =>
		linear(tf.tile(x, [1, 500]), ones(500 * x.shape[1], 33), ones(33), 'relu'),
	'convolution with relu': (x) => conv2d(image(x), ones(1, 1, x.shape[1], 25), ones(25), { activation: 'relu' }),
	'padded convolution with relu': (x) =>
		conv2d(image(x), ones(3, 3, x.shape[1], 24), undefined, { pad: 'same', activation: 'relu' }),
	'batch norm with relu': (x) => turned(normal(turned(x))),
	'batch norm with shortcut and relu': (x) => turned(normal(turned(x), turned(tf.zerosLike(x)))),
	max: (x) => tf.max(x, 1, true),
	min: (x) => tf.min(x, 1, true),
	'max of columns': (x) => tf.reshape(tf.max(tf.transpose(x), 0), [-1, 1]),
	'max pooling': (x) => tf.maxPool(tf.tile(strip(x), [1, 1, 1, 37]), [1, x.shape[1]], 1, 'valid'),
	'max pooling of one channel': (x) => tf.maxPool(strip(x), [1, x.shape[1]], 1, 'valid'),
	softmax: (x) => tf.softmax(x),
	'log softmax': (x) => tf.logSoftmax(x),
	'largest of k': (x) => tf.topk(x, 1).values,
	'euclidean norm': (x) => tf.norm(x, 2, 1, true),
	'cross entropy': (x) => softmaxCrossEntropy(x, labels(x)),
	'smoothed cross entropy': (x) => softmaxCrossEntropy(x, labels(x), 0.1),
	'binary cross entropy': (x) => sigmoidCrossEntropy(x, tf.zerosLike(x)),
	...Object.fromEntries(
		(['relu', 'relu6', 'elu', 'leakyrelu', 'sigmoid', 'prelu'] as const).flatMap((activation) => {
			const also = (outputs: number) => ({
				activation,
				leakyreluAlpha: 0.1,
				...(activation === 'prelu' && { preluActivationWeights: tf.fill([outputs], 0.1) }),
			});
			const pair = (x: Tensor2D) => tf.concat([tf.max(x, 1, true), tf.min(x, 1, true)], 1) as Tensor2D;
			return [
				[`product with ${activation}`, (x) => tf.fused.matMul({ a: x, b: ones(x.shape[1], 5), ...also(5) })],
				[
					`convolution of the library with ${activation}`,
					(x) =>
						tf.fused.conv2d({ x: image(x), filter: ones(1, 1, x.shape[1], 5), strides: 1, pad: 'valid', ...also(5) }),
				],
				[
					`depthwise convolution with ${activation}`,
					(x) =>
						tf.fused.depthwiseConv2d({
							x: image(pair(x)),
							filter: ones(1, 1, 2, 1),
							strides: 1,
							pad: 'valid',
							...also(2),
						}),
				],
			] as Array<[string, Layer]>;
		}),
	),
};

function normal(x: Tensor2D, shortcut?: Tensor2D): Tensor2D {
	const channels = x.shape[1];
	return batchNorm(x, ones(channels), tf.zeros([channels]), 1e-3, { activation: 'relu', ...(shortcut && { shortcut }) })
		.y;
}

/** Widths around those of vectors, the last row of each without NaN. */
const places = [1, 3, 4, 17, 40].map((width) => ({ width, at: [...new Set([0, width >> 1, width - 1])] }));

type Slope = readonly [(...x: Tensor[]) => Tensor, inputs: number[][], expected: number[][]];

/** The gradients of what decides by comparing: of each input, for a gradient of ones. */
const slopes: { readonly [name: string]: Slope } = {
	relu: [(x) => tf.relu(x!), [[missing, -1, 0, 2, infinite, -infinite]], [[missing, 0, 0, 1, 1, 0]]],
	'relu of an infinite gradient': [
		(x) => tf.mul(tf.relu(x!), tf.tensor1d([infinite, missing, missing])),
		[[-1, -1, 1]],
		[[0, 0, missing]],
	],
	relu6: [(x) => tf.relu6(x!), [[missing, -1, 2, 7]], [[missing, 0, 1, 0]]],
	'leaky relu': [(x) => tf.leakyRelu(x!, 0.5), [[missing, -1, 2]], [[missing, 0.5, 1]]],
	clip: [(x) => tf.clipByValue(x!, -1, 1), [[missing, -2, 0, 2]], [[missing, 0, 1, 0]]],
	maximum: [
		(a, b) => tf.maximum(a!, b!),
		[
			[missing, 1, 1, 1, 2],
			[1, missing, 1, 2, 1],
		],
		[
			[missing, missing, 1, 0, 1],
			[missing, missing, 0, 1, 0],
		],
	],
	minimum: [
		(a, b) => tf.minimum(a!, b!),
		[
			[missing, 1, 1, 1, 2],
			[1, missing, 1, 2, 1],
		],
		[
			[missing, missing, 1, 1, 0],
			[missing, missing, 0, 0, 1],
		],
	],
	'max pooling': [
		(x) => tf.maxPool(tf.reshape(x!, [1, 1, -1, 1]) as Tensor4D, [1, 3], [1, 3], 'valid'),
		[[1, missing, missing, missing, 2, 3, 4, 4, 1, -infinite, -infinite, -infinite]],
		[[0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]],
	],
	'largest of an axis': [(x) => tf.max(x!), [[1, missing, 2]], [[0, 1, 0]]],
	'largest of k': [(x) => tf.topk(x!, 2).values, [[1, missing, 2]], [[0, 1, 1]]],
	'a row that is left out': [
		(x) => softmaxCrossEntropy(tf.reshape(x!, [2, 2]), tf.tensor1d([-1, 0], 'int32')),
		[[missing, 1, 0, 0]],
		[[0, 0, -0.5, 0.5]],
	],
};

test.after.always(stopEngine);

for (const tier of [...tiers, ...narrower]) {
	test.serial(`${tier.name}: no value of a wide row makes a number of NaN, wherever it is`, async (t) => {
		await startTier(tier);
		for (const { width, at } of tier.slow === true ? places.slice(3, 4) : places) {
			const rows = [...at, -1];
			const data = rows.map((place, r) =>
				Array.from({ length: width }, (_, i) => (i === place ? missing : Math.sin(1 + i * 3 + r))),
			);
			for (const [operation, layer] of [...Object.entries(perValue), ...Object.entries(perRow)]) {
				const value = tf.tidy(() => layer(tf.tensor2d(data)));
				const found = Array.from(await value.data(), Number.isNaN);
				const each = found.length / rows.length;
				const right = (i: number) =>
					operation in perValue ? rows[Math.floor(i / each)] === i % each : rows[Math.floor(i / each)] !== -1;
				t.deepEqual(
					found,
					found.map((_, i) => right(i)),
					`${operation}, ${width} wide`,
				);
				value.dispose();
			}
			const index = await tf.argMax(tf.tensor2d(data), 1).data();
			t.deepEqual([...index].slice(0, at.length), at, `the place of the largest, ${width} wide`);
		}
	});

	test.serial(`${tier.name}: gradients at NaN, at equal values and of infinities are one convention`, async (t) => {
		await startTier(tier);
		for (const [operation, [act, inputs, expected]] of Object.entries(slopes)) {
			const found = tf.tidy(() => tf.grads((...x) => tf.sum(act(...x)))(inputs.map((x) => tf.tensor1d(x))));
			for (const [i, gradient] of found.entries()) {
				t.deepEqual(
					Array.from(await gradient.data(), (x) => x + 0),
					expected[i],
					operation,
				);
			}
		}
	});

	test.serial(`${tier.name}: metrics never take an output that is not a number for right`, async (t) => {
		await startTier(tier);
		for (const [metric, found, right] of await figuresOfBroken()) {
			t.is(found, right, metric);
		}
	});
}
