import { tf } from '../../../src/engine/tf.ts';
import { binary, type Cases, unary } from './case.ts';

/** One value at a time, operands repeated where an axis is 1. */
export const elementwise: Cases = {
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
};
