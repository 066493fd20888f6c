import { createHash } from 'node:crypto';
import type { Scalar, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import test from 'ava';
import { startEngine, stopEngine } from '../../src/engine/backend.ts';
import { batchNorm, conv2d, linear, softmaxCrossEntropy } from '../../src/engine/fused-ops.ts';
import { adamStep } from '../../src/engine/fused-optimizers.ts';
import { tf } from '../../src/engine/tf.ts';
import { tiers } from './tiers.ts';

const hashes = new Map<string, string>();

// The cpu tier would take minutes for what the others do in seconds, and has neither threads nor kernels of ours.
for (const { name, backend, threads, allowSoftware = false, slow = false } of tiers.filter(
	({ backend }) => backend !== 'cpu',
)) {
	test.serial(`${name}: reruns give the same weights to the last bit`, async (t) => {
		await startEngine({ backend, threads, allowSoftware });
		const runs = [await train(slow), await train(slow), await train(slow)];
		t.is(runs[1], runs[0]);
		t.is(runs[2], runs[0]);
		t.is(runs[0], hashes.get(backend) ?? runs[0], 'as many threads as there are, the result is one');
		hashes.set(backend, runs[0]!);
		await stopEngine();
	});

	test.serial(`${name}: steps leave no tensor behind`, async (t) => {
		await startEngine({ backend, threads, allowSoftware });
		const counts = trainCounting(6, slow);
		t.is(counts.at(-1), counts[1]);
		await stopEngine();
	});
}

async function train(small: boolean): Promise<string> {
	const { variables, step } = net(small);
	for (let i = 1; i <= 4; i++) {
		step(i);
	}
	const hash = createHash('sha256');
	for (const variable of variables) {
		hash.update(new Uint8Array((await variable.data()).slice().buffer));
	}
	return hash.digest('hex');
}

function trainCounting(steps: number, small: boolean): number[] {
	const { step } = net(small);
	return Array.from({ length: steps }, (_, i) => {
		step(i + 1);
		return tf.memory().numTensors;
	});
}

// A little of everything: convolution, normalisation, pooling, dense layers; large enough for two threads to share.
function net(small: boolean) {
	const [count, size] = small ? [4, 8] : [32, 16];
	const flatSize = (size / 2) ** 2 * 24;
	const make = (shape: number[], seed: number) => tf.variable(tf.randomNormal(shape, 0, 0.1, 'float32', seed));
	const w1 = make([3, 3, 3, 24], 1);
	const [b1, gamma, beta] = [make([24], 2), tf.variable(tf.ones([24])), tf.variable(tf.zeros([24]))];
	const [w2, b2] = [make([flatSize, 40], 3), make([40], 4)];
	const variables: Variable[] = [w1, b1, gamma, beta, w2, b2];
	const slots = variables.map((v) => ({ m: tf.variable(tf.zerosLike(v)), v: tf.variable(tf.zerosLike(v)) }));
	const x = tf.randomNormal([count, size, size, 3], 0, 1, 'float32', 5) as Tensor4D;
	const y = tf.tensor1d(
		Int32Array.from({ length: count }, (_, i) => (i * 7) % 40),
		'int32',
	);
	const loss = () => {
		const h = conv2d(x, w1 as never, b1 as never, { pad: 'same', activation: 'relu' });
		const normal = batchNorm(h, gamma as unknown as Tensor1D, beta as unknown as Tensor1D).y;
		const flat = tf.reshape(tf.maxPool(normal, 2, 2, 'valid'), [count, flatSize]);
		return tf.mean(softmaxCrossEntropy(linear(flat as never, w2 as never, b2 as never), y)) as Scalar;
	};
	const step = (number: number) => {
		const { value, grads } = tf.variableGrads(loss, variables);
		for (const [i, variable] of variables.entries()) {
			const gradient = grads[variable.name]!;
			adamStep({ variable, gradient, ...slots[i]!, step: number, learningRate: 1e-2 });
			gradient.dispose();
		}
		value.dispose();
	};
	return { variables, step };
}
