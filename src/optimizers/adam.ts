import { z } from 'zod';
import { adamStep } from '../engine/fused-optimizers.ts';
import { adamOptions, adamParameters } from '../train/adam-rule.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step } from '../train/slot-optimizer.ts';
import { decayedGradient } from '../train/weight-decay.ts';

const parameters = z
	.object({ learning_rate: learningRate(0.001), ...adamParameters, ...weightDecay(0) })
	.describe('Adam: steps scaled by running moments of the gradient.');

/**
 * Adam (Kingma & Ba 2015, algorithm 1): `w ← w − rate · m̂ / (√v̂ + epsilon)`. Weight decay, where asked for, joins the
 * gradient as L2 and so passes through the moments; `adamw` decouples it.
 */
@optimizer('adam', parameters)
export class Adam extends SlotOptimizer {
	override readonly learningRate;
	protected override readonly slotNames = ['m', 'v'];
	protected override readonly decayNames = ['beta1', 'beta2'];
	protected override readonly decayAll;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.learningRate = p.learning_rate;
		this.decayAll = p.decay_all;
	}

	protected override rule(step: Step): void {
		adamStep({ ...adamOptions(step, this.p), gradient: decayedGradient(step, this.p.weight_decay) });
	}
}
