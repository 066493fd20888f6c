import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { batchNormInference } from '../engine/batch-norm.ts';
import { batchNorm } from '../engine/fused-ops.ts';
import { layers, tf } from '../engine/tf.ts';

/**
 * Batch normalisation over all axes but the last, with weights `gamma`, `beta`, `moving_mean`, `moving_variance`.
 *
 * A training pass uses the batch's statistics and moves the running ones:
 * `running = momentum * running + (1 - momentum) * batch` (variance biased, divided by the number of rows).
 */
export function batchNormLayer(name: string, momentum: number, epsilon: number): tfl.layers.Layer {
	return new (batchNormClass())({ name, momentum, epsilon });
}

interface Options {
	readonly name: string;
	readonly momentum: number;
	readonly epsilon: number;
}

type Weight = ReturnType<tfl.layers.Layer['addWeight']>;
type BatchNormClass = new (options: Options) => tfl.layers.Layer;
let made: BatchNormClass | undefined;

// Made on first use: naming the base class at import would load the tensor library.
function batchNormClass(): BatchNormClass {
	made ??= class BatchNorm extends layers.layers.Layer {
		static readonly className = 'BatchNorm';
		readonly #options: Options;
		#weights: { gamma: Weight; beta: Weight; mean: Weight; variance: Weight } | undefined;

		constructor(options: Options) {
			super({ name: options.name });
			this.#options = options;
		}

		override build(inputShape: tfl.Shape | tfl.Shape[]): void {
			const shape = [(inputShape as tfl.Shape).at(-1)!];
			const [zeros, ones] = [layers.initializers.zeros(), layers.initializers.ones()];
			this.#weights = {
				gamma: this.addWeight('gamma', shape, 'float32', ones),
				beta: this.addWeight('beta', shape, 'float32', zeros),
				mean: this.addWeight('moving_mean', shape, 'float32', zeros, undefined, false),
				variance: this.addWeight('moving_variance', shape, 'float32', ones, undefined, false),
			};
			super.build(inputShape);
		}

		override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: { training?: boolean }): tfc.Tensor {
			const x = Array.isArray(inputs) ? inputs[0]! : inputs;
			const { gamma, beta, mean, variance } = this.#weights!;
			const { momentum, epsilon } = this.#options;
			return tf.tidy(() => {
				if (kwargs.training !== true) {
					return batchNormInference(x, gamma.read(), beta.read(), mean.read(), variance.read(), epsilon);
				}
				const batch = batchNorm(x, gamma.read() as tfc.Tensor1D, beta.read() as tfc.Tensor1D, epsilon);
				move(mean, batch.mean, momentum);
				move(variance, batch.variance, momentum);
				return batch.y;
			});
		}

		override getClassName(): string {
			return 'BatchNorm';
		}
	} as unknown as BatchNormClass;
	return made;
}

function move(running: Weight, batch: tfc.Tensor, momentum: number): void {
	running.write(tf.add(tf.mul(running.read(), momentum), tf.mul(batch, 1 - momentum)));
}
