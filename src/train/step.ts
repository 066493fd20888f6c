import type * as tfc from '@tensorflow/tfjs-core';
import { GimletError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import type { Loss } from './contracts/loss.ts';
import type { Batch, Model, ModelVariable, StepResult } from './contracts/model.ts';
import type { Totals } from './totals.ts';

/** What one forward and backward pass leaves behind; the caller disposes both. */
export interface Backward {
	/** By variable name. */
	readonly gradients: Record<string, tfc.Tensor>;
	/** Every loss part and metric sum of the batch in one tensor: `Totals.add` unpacks it. */
	readonly packed: tfc.Tensor1D;
	readonly lossNames: readonly string[];
}

/** One forward and backward pass over a batch; the weights stay as they are. */
export function backward(model: Model, loss: Loss, batch: Batch, totals: Totals, streams: Streams): Backward {
	const trainable = model.variables().filter((variable) => variable.trainable);
	let packed: tfc.Tensor1D | undefined;
	let lossNames: string[] = [];
	const { value, grads } = tf.variableGrads(
		() => {
			const result = model.step(batch, loss, { training: true, streams });
			lossNames = Object.keys(result.losses);
			packed = tf.keep(totals.pack(result, batch.targets));
			return total(result);
		},
		trainable.map(({ variable }) => variable),
	);
	value.dispose();
	return { gradients: byName(trainable, grads), packed: packed!, lossNames };
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
