import type { Tensor } from '@tensorflow/tfjs-core';
import test from 'ava';
import { startEngine, stopEngine } from '../../src/engine/backend.ts';
import { layers, tf } from '../../src/engine/tf.ts';
import { tiers } from './tiers.ts';

/** A recurrent network over embedded words, with every layer's start drawn from a seed of its own. */
function recurrent() {
	const start = (seed: number) => layers.initializers.glorotUniform({ seed });
	const model = layers.sequential();
	model.add(layers.layers.embedding({ inputDim: 11, outputDim: 5, inputLength: 6, embeddingsInitializer: start(1) }));
	model.add(
		layers.layers.lstm({
			units: 4,
			returnSequences: true,
			kernelInitializer: start(2),
			recurrentInitializer: start(3),
		}),
	);
	model.add(layers.layers.layerNormalization());
	model.add(layers.layers.gru({ units: 3, kernelInitializer: start(4), recurrentInitializer: start(5) }));
	model.add(layers.layers.dense({ units: 2, kernelInitializer: start(6) }));
	return model;
}

// The gradient of each weight, and the losses of some steps of gradient descent.
async function trained(): Promise<{ gradients: number[][]; losses: number[] }> {
	const model = recurrent();
	const words = tf.tensor2d(
		Array.from({ length: 24 }, (_, i) => (i * 7) % 11),
		[4, 6],
	);
	const target = tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 1], [4, 2]);
	const loss = () => tf.losses.softmaxCrossEntropy(target, model.apply(words, { training: true }) as Tensor) as never;
	const variables = model.trainableWeights.map((weight) => weight.read() as never);
	const { grads } = tf.variableGrads(loss, variables);
	const gradients = await Promise.all(Object.values(grads).map(async (one) => [...(await one.data())]));
	const optimizer = tf.train.sgd(0.5);
	const losses: number[] = [];
	for (let step = 0; step < 8; step++) {
		const cost = optimizer.minimize(loss, true, variables)!;
		losses.push((await cost.data())[0]!);
	}
	return { gradients, losses };
}

const found: Array<{ name: string; gradients: number[][]; losses: number[] }> = [];

// A GPU's answers need not be those of the others to the last bits.
for (const { name, backend, threads } of tiers.filter((tier) => tier.backend !== 'gpu')) {
	test.serial(`${name}: a recurrent network of tf.layers trains as on the first tier`, async (t) => {
		await startEngine({ backend, threads });
		const own = await trained();
		await stopEngine();
		found.push({ name, ...own });
		t.true(own.losses.at(-1)! < own.losses[0]!, own.losses.join());
		const first = found[0]!;
		t.true(largestDifference(own.gradients.flat(), first.gradients.flat()) < 1e-5);
		t.true(largestDifference(own.losses, first.losses) < 1e-4);
	});
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
	return Math.max(Math.abs(a.length - b.length), ...a.map((x, i) => Math.abs(x - b[i]!)));
}
