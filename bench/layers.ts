import type { Scalar, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { batchNorm, conv2d, linear, softmaxCrossEntropy } from '../src/engine/fused-ops.ts';
import { tf } from '../src/engine/tf.ts';

export const batch = 128;

export function dense(x: Tensor2D, w: Variable, b: Variable, activation: 'relu' | 'linear' = 'linear'): Tensor2D {
	return linear(x, w as unknown as Tensor2D, b as unknown as Tensor1D, activation);
}

export function classify(logits: Tensor2D, y: Tensor1D): Scalar {
	return tf.mean(softmaxCrossEntropy(logits, y));
}

export function labels(data: (count: number) => Float32Array): Tensor1D {
	return tf.tensor1d(
		Int32Array.from(data(batch), (value) => Math.floor(value * 10)),
		'int32',
	);
}

export function maker() {
	const random = generator(1234);
	const variables: Variable[] = [];
	const data = (count: number) => Float32Array.from({ length: count }, random);
	const keep = (values: Float32Array, shape: number[]) => {
		const initial = tf.tensor(values, shape);
		const variable = tf.variable(initial);
		initial.dispose();
		variables.push(variable);
		return variable;
	};
	const matrix = (shape: number[], fan: number) => {
		const bound = Math.sqrt(3 / fan);
		const size = shape.reduce((product, length) => product * length, 1);
		return keep(
			data(size).map((value) => (value * 2 - 1) * bound),
			shape,
		);
	};
	const bias = (length: number) => keep(new Float32Array(length), [length]);
	return { matrix, bias, variables, data, normalised: normaliser(variables) };
}

export interface NormalisedOptions {
	readonly stride?: number;
	readonly activation?: 'relu' | 'linear';
	/** Added before the activation. */
	readonly shortcut?: Tensor4D;
}

// A convolution without bias and the batch norm after it, which moves its running statistics as in training.
function normaliser(variables: Variable[]) {
	return (filter: Variable, channels: number) => {
		const [gamma, beta] = [tf.variable(tf.ones([channels])), tf.variable(tf.zeros([channels]))];
		const running = [tf.variable(tf.zeros([channels]), false), tf.variable(tf.ones([channels]), false)];
		variables.push(gamma, beta);
		return (x: Tensor4D, { stride = 1, activation = 'relu', shortcut }: NormalisedOptions = {}): Tensor4D => {
			const raw = conv2d(x, filter as unknown as Tensor4D, undefined, { strides: stride, pad: 'same' });
			const [scale, offset] = [gamma, beta] as unknown as [Tensor1D, Tensor1D];
			const options = { activation, ...(shortcut && { shortcut }) };
			const { y, mean, variance } = batchNorm(raw, scale, offset, 1e-5, options);
			for (const [i, statistic] of [mean, variance].entries()) {
				running[i]!.assign(tf.tidy(() => tf.add(tf.mul(running[i]!, 0.9), tf.mul(statistic, 0.1))));
			}
			return y;
		};
	};
}

// Uniform in [0, 1): a small multiplicative generator (Park and Miller, 1988), for reproducible inputs only.
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48271) % 2147483647;
		return (state - 1) / 2147483646;
	};
}
