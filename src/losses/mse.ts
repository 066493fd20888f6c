import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { Loss, loss } from '../train/contracts/loss.ts';
import type { Model } from '../train/contracts/model.ts';
import { l2Parameter, withL2 } from '../train/l2.ts';
import { valuesLike } from '../train/shapes.ts';

const parameters = z
	.object({ l2: l2Parameter })
	.meta({ columns: [{ name: 'mse' }, { name: 'l2', when: 'l2' }] })
	.describe('Mean squared error, averaged over values and batch.');

/** Part `mse`: the mean of squared differences of outputs and real-valued targets. */
@loss('mse', parameters)
export class MseLoss extends Loss {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override parts(outputs: tfc.Tensor, targets: tfc.Tensor, model: Model): Record<string, tfc.Scalar> {
		const mean = tf.tidy(() => {
			const values = valuesLike(outputs, targets, 'mse');
			return tf.mean(tf.squaredDifference(outputs, values)) as tfc.Scalar;
		});
		return withL2({ mse: mean }, model, this.p.l2);
	}
}
