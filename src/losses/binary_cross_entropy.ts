import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { Loss, loss } from '../train/contracts/loss.ts';
import type { Model } from '../train/contracts/model.ts';
import { l2Parameter, withL2 } from '../train/l2.ts';
import { valuesLike } from '../train/shapes.ts';

const parameters = z
	.object({ l2: l2Parameter })
	.meta({ columns: [{ name: 'binary_cross_entropy' }, { name: 'l2', when: 'l2' }] })
	.describe('Sigmoid cross-entropy of independent yes-no answers, in nats, averaged over answers and batch.');

/**
 * Part `binary_cross_entropy`: logits of any shape against 0..1 targets of that shape. Class numbers `[batch]` against
 * `[batch, classes]` with more than one class count as one answer per class: 1 for the example's class, 0 for others.
 */
@loss('binary_cross_entropy', parameters)
export class BinaryCrossEntropy extends Loss {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override parts(outputs: tfc.Tensor, targets: tfc.Tensor, model: Model): Record<string, tfc.Scalar> {
		const mean = tf.tidy(() => meanOf(outputs, answers(outputs, targets)));
		return withL2({ binary_cross_entropy: mean }, model, this.p.l2);
	}
}

function answers(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor {
	const classes = outputs.shape[1] ?? 1;
	const numbered = targets.dtype === 'int32' && targets.rank === 1 && outputs.rank === 2 && classes > 1;
	return numbered
		? tf.cast(tf.oneHot(targets as tfc.Tensor1D, classes), 'float32')
		: valuesLike(outputs, targets, 'binary_cross_entropy');
}

// max(x, 0) - x·z + log(1 + exp(-|x|)): the stable form of -z·log σ(x) - (1-z)·log(1-σ(x)).
function meanOf(logits: tfc.Tensor, answer: tfc.Tensor): tfc.Scalar {
	const linear = tf.sub(tf.relu(logits), tf.mul(logits, answer));
	return tf.mean(tf.add(linear, tf.log1p(tf.exp(tf.neg(tf.abs(logits))))));
}
