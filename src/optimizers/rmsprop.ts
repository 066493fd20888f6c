import { z } from 'zod';
import { rmspropStep } from '../engine/fused-optimizers.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step } from '../train/slot-optimizer.ts';
import { decayedGradient } from '../train/weight-decay.ts';

const parameters = z
	.object({
		learning_rate: learningRate(0.001),
		decay: z.number().min(0).lt(1).default(0.9).describe('Share of the running mean of squares kept per step.'),
		epsilon: z.number().positive().default(1e-8).describe('Added to the root of the running mean.'),
		momentum: z.number().min(0).lt(1).default(0).describe('Share of the velocity kept from step to step; 0 is none.'),
		centered: z.boolean().default(false).describe('Divide by the deviation rather than by the root mean square.'),
		...weightDecay(0),
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
	protected override readonly decayNames = ['decay'];
	protected override readonly decayAll;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.learningRate = p.learning_rate;
		this.decayAll = p.decay_all;
		this.slotNames = ['square', ...(p.centered ? ['mean'] : []), ...(p.momentum > 0 ? ['velocity'] : [])];
	}

	protected override rule(step: Step): void {
		const { decay, epsilon, momentum, weight_decay } = this.p;
		const { square, mean, velocity } = step.slots;
		rmspropStep({
			variable: step.variable,
			gradient: decayedGradient(step, weight_decay),
			learningRate: step.rate,
			meanSquare: square!,
			...(mean && { mean }),
			...(velocity && { velocity }),
			rho: decay,
			inSingle: step.arithmetic === 1,
			momentum,
			epsilon,
		});
	}
}
