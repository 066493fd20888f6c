import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { adamDirection, adamParameters } from '../train/adam-rule.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step, type Updated } from '../train/slot-optimizer.ts';

const parameters = z
	.object({ learning_rate: learningRate(0.001), ...adamParameters, ...weightDecay })
	.describe('Adam with decoupled weight decay.');

/**
 * AdamW (Loshchilov & Hutter 2019, algorithm 2): `w ← w − rate · (m̂ / (√v̂ + epsilon) + weight_decay · w)`. The decay
 * does not pass through the moments, and is scaled by the rate, schedule included.
 */
@optimizer('adamw', parameters)
export class AdamW extends SlotOptimizer {
	override readonly learningRate;
	protected override readonly slotNames = ['m', 'v'];
	protected override readonly decayAll;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.learningRate = p.learning_rate;
		this.decayAll = p.decay_all;
	}

	protected override rule(step: Step): Updated {
		const { variable, gradient, rate, decays } = step;
		const factor = decays ? this.p.weight_decay : 0;
		const { direction, slots } = adamDirection(step, gradient, this.p);
		const pull = factor === 0 ? direction : tf.add(direction, tf.mul(variable, factor));
		return { value: tf.sub(variable, tf.mul(pull, rate)), slots };
	}
}
