import { z } from 'zod';
import { sgdStep } from '../engine/fused-optimizers.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step } from '../train/slot-optimizer.ts';

const parameters = z
	.object({ learning_rate: learningRate(0.01), ...weightDecay(0) })
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

	protected override rule({ variable, gradient, rate, decays }: Step): void {
		sgdStep({ variable, gradient, learningRate: rate, weightDecay: decays ? this.#weightDecay : 0 });
	}
}
