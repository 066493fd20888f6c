import { z } from 'zod';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';
import { component } from '../../registry/parameters.ts';

/** Where training stands, for anything that depends on time. */
export interface Clock {
	/** Optimizer steps done. */
	readonly step: number;
	/** Epochs done, with the fraction of the current one. */
	readonly epoch: number;
	/** Of all of training; with a fraction where a limit of steps ends it in the middle of an epoch. */
	readonly nEpochs: number;
	readonly totalSteps: number;
}

/** A number that changes with training time: a pure function of the clock. */
export abstract class Schedule {
	abstract value(clock: Clock): number;

	/** What is odd about it in a training of this length, a sentence each; said when training starts. */
	notices(_clock: Clock): readonly string[] {
		return [];
	}
}

export const scheduleKind = defineKind<Schedule>('schedule', 'schedules', 'A number that changes with training time.');
export const schedule = decorator(scheduleKind);

/** A numeric parameter that also takes a schedule: `adam.learning_rate = @cosine()`. */
export function schedulable(number: z.ZodNumber): z.ZodUnion<[z.ZodNumber, z.ZodCustom<Schedule, Schedule>]> {
	return z.union([number, component(scheduleKind)]);
}

/** The value of a schedulable parameter now. */
export function valueAt(value: number | Schedule, clock: Clock): number {
	return typeof value === 'number' ? value : value.value(clock);
}
