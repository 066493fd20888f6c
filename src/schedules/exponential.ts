import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { by, position } from '../train/progress.ts';

const parameters = z
	.object({
		start: z.number().describe('Value at the beginning.'),
		rate: z.number().positive().describe('Factor per every steps or epochs, below 1 to decay.'),
		every: z.number().positive().default(1).describe('Steps or epochs (see by) in which the factor applies once.'),
		minimum: z.number().optional().describe('The value never falls below this.'),
		by: by('epoch'),
	})
	.describe('Exponential decay (or growth), smooth between its multiples.');

/** `start · rate ^ (time / every)`, not below `minimum`. */
@schedule('exponential', parameters)
export class Exponential extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { start, rate, every, minimum, by: unit } = this.p;
		return Math.max(start * rate ** (position(clock, unit) / every), minimum ?? Number.NEGATIVE_INFINITY);
	}
}
