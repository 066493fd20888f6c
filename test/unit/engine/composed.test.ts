import type * as tfc from '@tensorflow/tfjs-core';
import test from 'ava';
import { batchNormInference } from '../../../src/engine/batch-norm.ts';
import { dropout } from '../../../src/engine/dropout.ts';
import { batchNorm } from '../../../src/engine/fused-ops.ts';
import { numbers, Streams, tf } from '../../fixtures/parts.ts';

const epsilon = 1e-3;

function drawn(shape: number[], seed: number): tfc.Tensor {
	const stream = new Streams(seed).stream('values');
	return tf.tensor(
		Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => stream.normal() + 0.5),
		shape,
	);
}

test('batch norm in training normalises each channel with the statistics of the batch', (t) => {
	const x = drawn([2, 3, 2, 2], 1);
	const { y: outputs, mean, variance } = batchNorm(x, tf.tensor1d([2, 3]), tf.tensor1d([0.5, -1]), epsilon);
	const all = numbers(x);
	[0, 1].forEach((channel) => {
		const own = all.filter((_, at) => at % 2 === channel);
		const average = own.reduce((a, b) => a + b, 0) / own.length;
		const spread = own.reduce((sum, value) => sum + (value - average) ** 2, 0) / own.length;
		t.true(Math.abs(numbers(mean)[channel]! - average) < 1e-5);
		t.true(Math.abs(numbers(variance)[channel]! - spread) < 1e-5);
		const expected = [2, 3][channel]! * ((own[4]! - average) / Math.sqrt(spread + epsilon)) + [0.5, -1][channel]!;
		t.true(Math.abs(numbers(outputs)[4 * 2 + channel]! - expected) < 1e-5);
	});
	const again = batchNormInference(x, tf.tensor([2, 3]), tf.tensor([0.5, -1]), mean, variance, epsilon);
	numbers(again).forEach((value, at) => {
		t.true(Math.abs(value - numbers(outputs)[at]!) < 1e-5);
	});
});

test('the gradients of batch norm agree with central differences', (t) => {
	const inputs = [drawn([4, 3], 2), drawn([3], 3), drawn([3], 4)];
	const weights = drawn([4, 3], 5);
	const value = (x: tfc.Tensor, gamma: tfc.Tensor, beta: tfc.Tensor) =>
		tf.sum(tf.mul(weights, batchNorm(x, gamma as tfc.Tensor1D, beta as tfc.Tensor1D, epsilon).y)) as tfc.Scalar;
	const gradients = tf.grads((...args: tfc.Tensor[]) => value(args[0]!, args[1]!, args[2]!))(inputs);
	inputs.forEach((input, which) => {
		const base = numbers(input);
		numbers(gradients[which]!).forEach((found, i) => {
			const at = (by: number) => {
				const moved = tf.tensor(
					base.map((x, j) => (i === j ? x + by : x)),
					input.shape,
				);
				const args = inputs.map((other, k) => (k === which ? moved : other));
				return numbers(value(args[0]!, args[1]!, args[2]!))[0]!;
			};
			t.true(Math.abs((at(0.01) - at(-0.01)) / 0.02 - found) < 5e-3, `input ${which}[${i}]: ${found}`);
		});
	});
});

test('dropout drops its share, keeps the mean, replays by seed, and passes gradients through its mask', (t) => {
	const x = tf.ones([100, 100]);
	const once = numbers(dropout(x, 0.3, 42));
	const share = once.filter((value) => value === 0).length / once.length;
	t.true(Math.abs(share - 0.3) < 0.02, `${share}`);
	t.true(once.every((value) => value === 0 || Math.abs(value - 1 / 0.7) < 1e-6));
	t.deepEqual(numbers(dropout(x, 0.3, 42)), once);
	const other = numbers(dropout(x, 0.3, 43));
	const agree = other.filter((value, at) => (value === 0) === (once[at] === 0)).length / other.length;
	t.true(Math.abs(agree - (0.3 ** 2 + 0.7 ** 2)) < 0.02, `${agree}`);
	t.deepEqual(numbers(tf.grad((y: tfc.Tensor) => dropout(y, 0.3, 42))(x)), once);
	t.is(dropout(x, 0, 42), x);
});
