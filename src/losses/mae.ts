import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { Loss, loss } from '../train/contracts/loss.ts';
import type { Model } from '../train/contracts/model.ts';
import { l2Parameter, withL2 } from '../train/l2.ts';
import { valuesLike } from '../train/shapes.ts';

const parameters = z
	.object({ l2: l2Parameter })
	.meta({ columns: [{ name: 'mae' }, { name: 'l2', when: 'l2' }] })
	.describe('Mean absolute error, averaged over values and batch.');

/** Part `mae`: the mean of absolute differences of outputs and real-valued targets. */
@loss('mae', parameters)
export class MaeLoss extends Loss {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override parts(outputs: tfc.Tensor, targets: tfc.Tensor, model: Model): Record<string, tfc.Scalar> {
		const mean = tf.tidy(() => {
			const values = valuesLike(outputs, targets, 'mae');
			return tf.mean(tf.abs(tf.sub(outputs, values))) as tfc.Scalar;
		});
		return withL2({ mae: mean }, model, this.p.l2);
	}
}
