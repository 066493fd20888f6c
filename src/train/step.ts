import type * as tfc from '@tensorflow/tfjs-core';
import { GimletError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import type { Loss } from './contracts/loss.ts';
import type { Batch, Model, ModelVariable, StepResult } from './contracts/model.ts';
import type { Totals } from './totals.ts';

/** What one forward and backward pass leaves behind; the caller disposes the gradients. */
export interface Backward {
	/** By variable name. */
	readonly gradients: Record<string, tfc.Tensor>;
	/** Every loss part and metric sum of the batch, for `Totals.add`. */
	readonly numbers: Float32Array | Promise<Float32Array>;
	readonly lossNames: readonly string[];
}

/** One forward and backward pass over a batch; the weights stay as they are. */
export function backward(model: Model, loss: Loss, batch: Batch, totals: Totals, streams: Streams): Backward {
	const trainable = model.variables().filter((variable) => variable.trainable);
	let result: StepResult | undefined;
	let own: tfc.Tensor[] = [];
	const { value, grads } = tf.variableGrads(
		() => {
			result = model.step(batch, loss, { training: true, streams });
			own = [result.outputs, ...Object.values(result.losses)].filter(isTemporary).map((tensor) => tf.keep(tensor));
			return total(result);
		},
		trainable.map(({ variable }) => variable),
	);
	// Metrics are computed here, where no gradient is recorded.
	const numbers = totals.read(result!, batch.targets);
	value.dispose();
	own.forEach((tensor) => void tensor.dispose());
	return { gradients: byName(trainable, grads), numbers, lossNames: Object.keys(result!.losses) };
}

// Not one that the model holds for longer than the pass.
function isTemporary(tensor: tfc.Tensor): boolean {
	return !(tensor.kept || tensor instanceof tf.Variable);
}

function total({ losses }: StepResult): tfc.Scalar {
	const parts = Object.values(losses);
	if (parts.length === 0) {
		throw new GimletError('train.no_loss', 'The loss has no part: there is nothing to minimise.');
	}
	return parts.length === 1 ? parts[0]! : (tf.addN(parts) as tfc.Scalar);
}

function byName(variables: readonly ModelVariable[], grads: tfc.NamedTensorMap): Record<string, tfc.Tensor> {
	const gradients: Record<string, tfc.Tensor> = {};
	for (const { name, variable } of variables) {
		const gradient = grads[variable.name];
		if (gradient !== undefined) {
			gradients[name] = gradient;
		}
	}
	return gradients;
}
