import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step, type Updated } from '../train/slot-optimizer.ts';
import { decayedGradient } from '../train/weight-decay.ts';

const parameters = z
	.object({ learning_rate: learningRate(0.01), ...weightDecay })
	.describe('Stochastic gradient descent without momentum.');

/** `w ← w − rate · (g + weight_decay · w)`. */
@optimizer('sgd', parameters)
export class Sgd extends SlotOptimizer {
	override readonly learningRate;
	protected override readonly slotNames = [];
	protected override readonly decayAll;
	readonly #weightDecay: number;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.learningRate = p.learning_rate;
		this.decayAll = p.decay_all;
		this.#weightDecay = p.weight_decay;
	}

	protected override rule(step: Step): Updated {
		const gradient = decayedGradient(step, this.#weightDecay);
		return { value: tf.sub(step.variable, tf.mul(gradient, step.rate)), slots: {} };
	}
}
