import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { softmaxCrossEntropy } from '../engine/fused-ops.ts';
import { tf } from '../engine/tf.ts';
import { Loss, loss } from '../train/contracts/loss.ts';
import type { Model } from '../train/contracts/model.ts';
import { l2Parameter, withL2 } from '../train/l2.ts';
import { classesFor } from '../train/shapes.ts';

const parameters = z
	.object({
		label_smoothing: z
			.number()
			.min(0)
			.lt(1)
			.default(0)
			.describe('Share of the target probability spread evenly over all classes.'),
		l2: l2Parameter,
	})
	.meta({ columns: [{ name: 'cross_entropy' }, { name: 'l2', when: 'l2' }] })
	.describe('Softmax cross-entropy from logits and class numbers, in nats, averaged over the batch.');

/** Part `cross_entropy`: logits `[batch, classes]` against class numbers `[batch]`. */
@loss('cross_entropy', parameters)
export class CrossEntropy extends Loss {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override parts(outputs: tfc.Tensor, targets: tfc.Tensor, model: Model): Record<string, tfc.Scalar> {
		const labels = classesFor(outputs, targets, 'cross_entropy');
		const mean = tf.tidy(
			() => tf.mean(softmaxCrossEntropy(outputs as tfc.Tensor2D, labels, this.p.label_smoothing)) as tfc.Scalar,
		);
		return withL2({ cross_entropy: mean }, model, this.p.l2);
	}
}
