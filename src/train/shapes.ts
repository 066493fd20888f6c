import type * as tfc from '@tensorflow/tfjs-core';
import { UsageError } from '../core/errors.ts';
import { tf } from '../engine/tf.ts';

/** Real-valued targets in the shape of the outputs (`[batch]` fits `[batch, 1]`), as float32. */
export function valuesLike(outputs: tfc.Tensor, targets: tfc.Tensor, who: string): tfc.Tensor {
	if (targets.size !== outputs.size) {
		throw new UsageError(
			'loss.shape',
			`${who} compares values of equal shape: the model gives [${outputs.shape.join(', ')}] and the targets are ` +
				`[${targets.shape.join(', ')}]. For classes use cross_entropy and accuracy.`,
		);
	}
	return tf.reshape(tf.cast(targets, 'float32'), outputs.shape);
}

/** Class numbers `[batch]` for logits `[batch, classes]`, as int32. */
export function classesFor(outputs: tfc.Tensor, targets: tfc.Tensor, who: string): tfc.Tensor1D {
	if (outputs.rank !== 2 || targets.rank !== 1 || targets.shape[0] !== outputs.shape[0]) {
		throw new UsageError(
			'loss.shape',
			`${who} needs logits [batch, classes] and class numbers [batch]: the model gives [${outputs.shape.join(', ')}] ` +
				`and the targets are [${targets.shape.join(', ')}]. For real values use mse, mae or huber.`,
		);
	}
	// Most are: an operation that changes nothing takes its time as well.
	return (targets.dtype === 'int32' ? targets : tf.cast(targets, 'int32')) as tfc.Tensor1D;
}
