import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { between, by, fraction, length, over, position } from '../train/progress.ts';

const parameters = z
	.object({
		start: z.number().describe('Value at the beginning.'),
		end: z.number().describe('Value after the span, held from then on.'),
		over,
		by: by('step'),
	})
	.describe('A straight line from one value to another.');

/** `start + (end − start) · t`, with t the share of the span that is done. */
@schedule('linear', parameters)
export class Linear extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { start, end, by: unit } = this.p;
		return between(start, end, fraction(position(clock, unit), 0, this.p.over ?? length(clock, unit)));
	}
}
