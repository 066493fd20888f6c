import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { by, epochs, positiveSpan, time } from '../train/progress.ts';

const parameters = z
	.object({
		initial: z.number().min(0).describe('Value at the beginning.'),
		rate: z.number().positive().describe('Factor per span, below 1 to decay.'),
		every: positiveSpan
			.default(1)
			.meta({ unit: 'epochs' })
			.describe("Span in which the factor applies once, in epochs or as '500 steps'."),
		minimum: z.number().min(0).default(0).describe('The value never falls below this.'),
		by: by('step'),
	})
	.describe('Exponential decay (or growth), smooth between its multiples.');

/** `initial · rate ^ (time / every)`, not below `minimum`. */
@schedule('exponential', parameters)
export class Exponential extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { initial, rate, every, minimum } = this.p;
		return Math.max(minimum, initial * rate ** (time(clock, this.p.by) / epochs(every, clock)));
	}
}
