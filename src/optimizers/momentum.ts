import { z } from 'zod';
import { sgdStep } from '../engine/fused-optimizers.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step } from '../train/slot-optimizer.ts';
import { decayedGradient } from '../train/weight-decay.ts';

const parameters = z
	.object({
		learning_rate: learningRate(0.01),
		momentum: z.number().min(0).lt(1).default(0.9).describe('Share of the velocity kept from step to step.'),
		nesterov: z.boolean().default(false).describe('Look one step ahead along the velocity.'),
		...weightDecay(0),
	})
	.describe('Gradient descent with momentum, plain or Nesterov.');

/**
 * `v ← momentum · v + g`, then `w ← w − rate · v`, or `w ← w − rate · (g + momentum · v)` with `nesterov`.
 *
 * The rate multiplies the velocity (as in PyTorch), rather than entering it (as in Keras: `v ← momentum · v − rate · g`);
 * the two agree while the rate is constant, and differ when a schedule changes it.
 */
@optimizer('momentum', parameters)
export class Momentum extends SlotOptimizer {
	override readonly learningRate;
	protected override readonly slotNames = ['velocity'];
	protected override readonly decayAll;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.learningRate = p.learning_rate;
		this.decayAll = p.decay_all;
	}

	protected override rule(step: Step): void {
		const { momentum, nesterov, weight_decay } = this.p;
		sgdStep({
			variable: step.variable,
			gradient: decayedGradient(step, weight_decay),
			learningRate: step.rate,
			velocity: step.slots['velocity']!,
			momentum,
			nesterov,
		});
	}
}
