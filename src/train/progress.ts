import { z } from 'zod';
import type { Clock } from './contracts/schedule.ts';

/** The parameter `by` of a schedule: its unit of time, and how often its value changes. */
export function by(usual: 'step' | 'epoch') {
	return z
		.enum(['step', 'epoch'])
		.default(usual)
		.describe('Unit of time: "step" changes with every optimizer step, "epoch" at the start of each epoch.');
}

/** A stretch of training time in the unit of `by`, the whole of training where left out. */
export const over = z
	.number()
	.positive()
	.optional()
	.describe('Steps or epochs (see by) that the schedule spans; all of training where left out.');

/** Steps done, or whole epochs done. */
export function position(clock: Clock, unit: 'step' | 'epoch'): number {
	return unit === 'step' ? clock.step : Math.floor(clock.epoch);
}

/** The length of training in the same unit, at least 1. */
export function length(clock: Clock, unit: 'step' | 'epoch'): number {
	return Math.max(1, unit === 'step' ? clock.totalSteps : clock.nEpochs);
}

/** How much of `span` from `from` on is done, 0 to 1. */
export function fraction(at: number, from: number, span: number): number {
	return span <= 0 ? (at < from ? 0 : 1) : Math.min(1, Math.max(0, (at - from) / span));
}

/** From `a` at 0 to `b` at 1, exact at both ends. */
export function between(a: number, b: number, share: number): number {
	return share >= 1 ? b : a + (b - a) * share;
}

/** From `a` at 0 to `b` at 1 along half a cosine, exact at both ends. */
export function alongCosine(a: number, b: number, share: number): number {
	return between(a, b, share >= 1 ? 1 : (1 - Math.cos(Math.PI * share)) / 2);
}
