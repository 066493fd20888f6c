import { z } from 'zod';
import type { Clock } from './contracts/schedule.ts';

/** The parameter `by` of a schedule: how often its value changes. */
export function by(usual: 'step' | 'epoch') {
	return z
		.enum(['step', 'epoch'])
		.default(usual)
		.describe('When the value changes: with every optimizer "step", or only at the start of each "epoch".');
}

/** A stretch of training time: a number of epochs, or text such as `'500 steps'` or `'0.5 epochs'`. */
export const span = z.union([z.number().min(0), z.string().regex(/^\d+(\.\d+)? (steps?|epochs?)$/u)]);

/** A span that is not empty. */
export const positiveSpan = z.union([
	z.number().positive(),
	z.string().regex(/^(?=.*[1-9])\d+(\.\d+)? (steps?|epochs?)$/u),
]);

export type Span = z.output<typeof span>;

/** The parameter `over` of a schedule. */
export const over = span
	.optional()
	.meta({ unit: 'epochs' })
	.describe("How long the schedule lasts, in epochs or as '500 steps'; all of training where left out.");

/** Epochs done: with the fraction of the current one where the value changes with every step. */
export function time(clock: Clock, unit: 'step' | 'epoch'): number {
	return unit === 'step' ? clock.epoch : Math.floor(clock.epoch);
}

/** A span in epochs; all of training where it is undefined. */
export function epochs(length: Span | undefined, clock: Clock): number {
	if (typeof length !== 'string') {
		return length ?? clock.nEpochs;
	}
	const number = Number.parseFloat(length);
	return length.includes('step') ? (number * clock.nEpochs) / Math.max(1, clock.totalSteps) : number;
}

/** How much of `length` from `from` on is done at `at`, 0 to 1. */
export function fraction(at: number, from: number, length: number): number {
	return length <= 0 ? (at < from ? 0 : 1) : Math.min(1, Math.max(0, (at - from) / length));
}

/** From `a` at 0 to `b` at 1, exact at both ends. */
export function between(a: number, b: number, share: number): number {
	return share >= 1 ? b : a + (b - a) * share;
}

/** From `a` at 0 to `b` at 1 along half a cosine, exact at both ends. */
export function alongCosine(a: number, b: number, share: number): number {
	return between(a, b, share >= 1 ? 1 : (1 - Math.cos(Math.PI * share)) / 2);
}
