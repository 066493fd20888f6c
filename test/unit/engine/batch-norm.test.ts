import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import test from 'ava';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { batchNorm } from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import { tiers } from './tiers.ts';

// 5 and 19 channels do not fill vectors, 32 do; 25 rows do not divide into blocks evenly.
const shapes: ReadonlyArray<readonly [number, number, number, number]> = [
	[5, 1, 5, 5],
	[4, 9, 9, 19],
	[8, 16, 16, 32],
	[1, 1, 2, 3],
];

for (const { name, backend, threads } of tiers) {
	for (const shortcut of [true, false]) {
		test.serial(
			`${name}: relu${shortcut ? ' and shortcut' : ''} in the pass of a batch norm are as after it`,
			async (t) => {
				await startEngine({ backend, threads });
				for (const [i, shape] of shapes.entries()) {
					const inputs = drawn(shape, i * 10 + 1);
					const fused = gradients(inputs, (x, gamma, beta, other) => {
						const options = { activation: 'relu' as const, ...(shortcut && { shortcut: other }) };
						return batchNorm(x, gamma, beta, 1e-3, options).y;
					});
					const pieces = gradients(inputs, (x, gamma, beta, other) => {
						const { y } = batchNorm(x, gamma, beta, 1e-3);
						return tf.relu(shortcut ? tf.add(y, other) : y) as Tensor4D;
					});
					for (const [j, tensor] of fused.entries()) {
						t.true(distance(tensor, pieces[j]!) < 1e-4, `[${shape}]: ${['y', 'x', 'gamma', 'beta', 'shortcut'][j]}`);
					}
				}
				await stopEngine();
			},
		);
	}
}

type Inputs = [Tensor4D, Tensor1D, Tensor1D, Tensor4D];

function drawn(shape: readonly number[], seed: number): Inputs {
	const make = (of: readonly number[], offset: number) => tf.randomNormal([...of], 0.5, 1, 'float32', seed + offset);
	const channels = [shape.at(-1)!];
	return [make(shape, 0), make(channels, 1), make(channels, 2), make(shape, 3)] as Inputs;
}

// The value, then the gradient of its sum, weighted so that every element counts differently.
function gradients(inputs: Inputs, f: (...inputs: Inputs) => Tensor4D): Float32Array[] {
	const [x] = inputs;
	const weights = tf.randomNormal(x.shape, 0, 1, 'float32', 99);
	const others = tf.zerosLike(x);
	const all = tf.grads((...given: Tensor[]) => {
		const [a, b, c, d] = given as Inputs;
		return tf.sum(tf.add(tf.mul(f(a, b, c, d), weights), tf.mul(others, d)));
	})(inputs);
	return [f(...inputs), ...all].map((tensor) => tensor.dataSync() as Float32Array);
}

function distance(a: Float32Array, b: Float32Array): number {
	return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!) / (1 + Math.abs(b[i]!))), 0);
}
