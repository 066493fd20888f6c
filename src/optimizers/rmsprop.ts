import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step, type Updated } from '../train/slot-optimizer.ts';
import { decayedGradient } from '../train/weight-decay.ts';

const parameters = z
	.object({
		learning_rate: learningRate(0.001),
		decay: z.number().min(0).lt(1).default(0.9).describe('Share of the running mean of squares kept per step.'),
		epsilon: z.number().positive().default(1e-8).describe('Added to the root of the running mean.'),
		momentum: z.number().min(0).lt(1).default(0).describe('Share of the velocity kept from step to step; 0 is none.'),
		centered: z.boolean().default(false).describe('Divide by the deviation rather than by the root mean square.'),
		...weightDecay,
	})
	.describe('Steps scaled by the running root mean square of the gradient.');

/**
 * RMSProp (Tieleman & Hinton 2012): `s ← decay · s + (1 − decay) · g²`, direction `g / (√s + epsilon)`.
 *
 * `centered` (Graves 2013) subtracts the square of the running mean of `g` from `s` under the root. With `momentum`,
 * `v ← momentum · v + direction` and `w ← w − rate · v`.
 */
@optimizer('rmsprop', parameters)
export class RmsProp extends SlotOptimizer {
	override readonly learningRate;
	protected override readonly slotNames;
	protected override readonly decayAll;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.learningRate = p.learning_rate;
		this.decayAll = p.decay_all;
		this.slotNames = ['square', ...(p.centered ? ['mean'] : []), ...(p.momentum > 0 ? ['velocity'] : [])];
	}

	protected override rule(step: Step): Updated {
		const { decay, epsilon, momentum, centered } = this.p;
		const { variable, slots, rate } = step;
		const gradient = decayedGradient(step, this.p.weight_decay);
		const square = tf.add(tf.mul(slots['square']!, decay), tf.mul(tf.square(gradient), 1 - decay));
		const mean = centered ? tf.add(tf.mul(slots['mean']!, decay), tf.mul(gradient, 1 - decay)) : undefined;
		// Rounding may leave a variance just below 0.
		const spread = mean === undefined ? square : tf.maximum(tf.sub(square, tf.square(mean)), 0);
		const direction = tf.div(gradient, tf.add(tf.sqrt(spread), epsilon));
		const velocity = momentum > 0 ? tf.add(tf.mul(slots['velocity']!, momentum), direction) : undefined;
		return {
			value: tf.sub(variable, tf.mul(velocity ?? direction, rate)),
			slots: { square, ...(mean && { mean }), ...(velocity && { velocity }) },
		};
	}
}
