import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { binary, type Cases, unary } from './case.ts';

/** Activations and functions that the common layers do not use. */
export const functions: Cases = {
	swish: unary(
		(x) => tf.mul(x, tf.sigmoid(x)),
		(x) => x / (1 + Math.exp(-x)),
	),
	gelu: unary(
		(x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
		(x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
	),
	'gelu (tanh)': unary(
		(x) => {
			const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
			return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(inner)));
		},
		(x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
	),
	mish: unary(
		(x) => tf.mul(x, tf.tanh(tf.softplus(x))),
		(x) => x * Math.tanh(Math.log1p(Math.exp(x))),
	),
	prelu: binary(
		(x, alpha) => tf.prelu(x, alpha),
		(x, alpha) => (x > 0 ? x : alpha * x),
	),
	'log sigmoid': unary(
		(x) => tf.logSigmoid(x),
		(x) => -Math.log1p(Math.exp(-x)),
	),
	erf: unary((x) => tf.erf(x), erf),
	tan: unary((x) => tf.tan(x), Math.tan),
	asin: unary(
		(x) => tf.asin(tf.mul(x, 0.8)),
		(x) => Math.asin(0.8 * x),
	),
	acos: unary(
		(x) => tf.acos(tf.mul(x, 0.8)),
		(x) => Math.acos(0.8 * x),
	),
	atan: unary((x) => tf.atan(x), Math.atan),
	sinh: unary((x) => tf.sinh(x), Math.sinh),
	cosh: unary((x) => tf.cosh(x), Math.cosh),
	asinh: unary((x) => tf.asinh(x), Math.asinh),
	acosh: unary(
		(x) => tf.acosh(tf.add(x, 1)),
		(x) => Math.acosh(x + 1),
		true,
	),
	atanh: unary(
		(x) => tf.atanh(tf.mul(x, 0.8)),
		(x) => Math.atanh(0.8 * x),
	),
	atan2: binary((y, x) => tf.atan2(y, x), Math.atan2, true),
	remainder: binary(
		(x, y) => tf.mod(tf.mul(x, 3.1), y),
		(x, y) => (x < 0 === y < 0 ? (x * 3.1) % y : (((x * 3.1) % y) + y) % y),
		true,
	),
	where: {
		draw: (draw) => {
			const shape = [draw(1, 4), draw(1, 5)];
			const chosen = Array.from({ length: shape[0]! * shape[1]! }, () => draw(0, 1));
			return {
				shapes: [shape, shape],
				engine: (a, b) => tf.where(tf.tensor(chosen, shape, 'bool'), a as Tensor, b as Tensor),
				reference: (a, b) => ({ shape, data: a!.data.map((x, i) => (chosen[i] === 1 ? x : b!.data[i]!)) }),
			};
		},
	},
	'sum of many': {
		draw: (draw) => {
			const shape = [draw(1, 4), draw(1, 5)];
			return {
				shapes: [shape, shape, shape],
				engine: (...all) => tf.addN(all),
				reference: (a, b, c) => ({ shape, data: a!.data.map((x, i) => x + b!.data[i]! + c!.data[i]!) }),
			};
		},
	},
};

// The series of Abramowitz and Stegun 7.1.6, which converges quickly for the arguments of these tests.
function erf(x: number): number {
	if (Math.abs(x) > 6) {
		return Math.sign(x);
	}
	let [term, total] = [x, x];
	for (let n = 1; n < 60; n++) {
		term *= (2 * x * x) / (2 * n + 1);
		total += term;
	}
	return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}
