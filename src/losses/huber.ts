import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { Loss, loss } from '../train/contracts/loss.ts';
import type { Model } from '../train/contracts/model.ts';
import { l2Parameter, withL2 } from '../train/l2.ts';
import { valuesLike } from '../train/shapes.ts';

const parameters = z
	.object({
		delta: z.number().positive().default(1).describe('Where the loss turns from square to straight, in target units.'),
		l2: l2Parameter,
	})
	.meta({ columns: [{ name: 'huber' }, { name: 'l2', when: 'l2' }] })
	.describe('Square near zero and straight beyond delta (Huber 1964), averaged over values and batch.');

/** Part `huber`: `d² / 2` where `|d| ≤ delta`, else `delta · (|d| − delta / 2)`, for the difference `d`. */
@loss('huber', parameters)
export class Huber extends Loss {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override parts(outputs: tfc.Tensor, targets: tfc.Tensor, model: Model): Record<string, tfc.Scalar> {
		const mean = tf.tidy(() => {
			const size = tf.abs(tf.sub(outputs, valuesLike(outputs, targets, 'huber')));
			const near = tf.minimum(size, this.p.delta);
			// near² / 2 + delta · (size − near): both branches in one expression.
			return tf.mean(tf.add(tf.div(tf.square(near), 2), tf.mul(tf.sub(size, near), this.p.delta))) as tfc.Scalar;
		});
		return withL2({ huber: mean }, model, this.p.l2);
	}
}
