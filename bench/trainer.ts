import type { Scalar } from '@tensorflow/tfjs-core';
import { adamStep, updateTogether } from '../src/engine/fused-optimizers.ts';
import { tf } from '../src/engine/tf.ts';
import { type TrainedName, workloads } from './workloads.ts';

/** A workload with Adam and its slots; `train` does a step and returns the loss, later on a GPU. */
export function trainer(name: TrainedName) {
	const { variables, loss } = workloads[name]();
	const slots = variables.map((variable) => ({
		m: tf.variable(tf.zerosLike(variable), false),
		v: tf.variable(tf.zerosLike(variable), false),
	}));
	const onGpu = tf.getBackend() === 'webgpu';
	let step = 0;
	const train = (): number | Promise<number> => {
		step++;
		const { value, grads } = tf.variableGrads(loss, variables);
		updateTogether(() => {
			for (const [i, variable] of variables.entries()) {
				const gradient = grads[variable.name]!;
				adamStep({ variable, gradient, ...slots[i]!, step, learningRate: 1e-3, epsilon: 1e-7 });
			}
		});
		tf.dispose(grads);
		return onGpu ? value.data().then((values) => first(value, values)) : first(value, value.dataSync());
	};
	return { variables, train };
}

function first(value: Scalar, values: ArrayLike<number>): number {
	const result = values[0]!;
	value.dispose();
	return result;
}
