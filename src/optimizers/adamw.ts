import { z } from 'zod';
import { adamStep } from '../engine/fused-optimizers.ts';
import { adamOptions, adamParameters } from '../train/adam-rule.ts';
import { optimizer } from '../train/contracts/optimizer.ts';
import { learningRate, weightDecay } from '../train/optimizer-parameters.ts';
import { SlotOptimizer, type Step } from '../train/slot-optimizer.ts';

const parameters = z
	.object({ learning_rate: learningRate(0.001), ...adamParameters, ...weightDecay(0.01) })
	.describe('Adam with decoupled weight decay.');

/**
 * AdamW (Loshchilov & Hutter 2019, algorithm 2): `w ← w − rate · (m̂ / (√v̂ + epsilon) + weight_decay · w)`. The decay
 * does not pass through the moments, and is scaled by the rate, schedule included.
 */
@optimizer('adamw', parameters)
export class AdamW extends SlotOptimizer {
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
		adamStep({ ...adamOptions(step, this.p), weightDecay: step.decays ? this.p.weight_decay : 0 });
	}
}
