import { z } from 'zod';
import { schedulable } from './contracts/schedule.ts';

/** The parameter `learning_rate` of every optimizer, with its default. */
export function learningRate(usual: number) {
	return schedulable(z.number().min(0)).default(usual).describe('Size of a step: a number or a schedule.');
}

/** The parameters of weight decay, with its default. */
export function weightDecay(usual: number) {
	return {
		weight_decay: z.number().min(0).default(usual).describe('Pull of kernels towards zero; 0 is none.'),
		decay_all: z.boolean().default(false).describe('Weight decay also of biases and norms (rank below 2).'),
	};
}
