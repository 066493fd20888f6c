import { z } from 'zod';
import type { AdamOptions } from '../engine/fused-optimizers.ts';
import type { Step } from './slot-optimizer.ts';

/** The constants of Adam's moments. */
export const adamParameters = {
	beta1: z.number().min(0).lt(1).default(0.9).describe('Decay of the running mean of gradients.'),
	beta2: z.number().min(0).lt(1).default(0.999).describe('Decay of the running mean of squared gradients.'),
	epsilon: z.number().positive().default(1e-8).describe('Added to the root of the second moment.'),
};

interface Constants {
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
}

/** What one step of Adam needs, without weight decay. */
export function adamOptions(one: Step, { beta1, beta2, epsilon }: Constants): AdamOptions {
	const { variable, gradient, slots, step, rate } = one;
	const inSingle = one.arithmetic === 1;
	return {
		variable,
		gradient,
		m: slots['m']!,
		v: slots['v']!,
		step,
		learningRate: rate,
		beta1,
		beta2,
		epsilon,
		inSingle,
	};
}
