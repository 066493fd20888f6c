import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { between, by, epochs, fraction, over, time } from '../train/progress.ts';

const parameters = z
	.object({
		initial: z.number().describe('Value at the beginning.'),
		final: z.number().describe('Value at the end of the span, held from then on.'),
		over,
		by: by('step'),
	})
	.describe('A straight line from one value to another.');

/** `initial + (final − initial) · t`, with t the share of the span that is done. */
@schedule('linear', parameters)
export class Linear extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const share = fraction(time(clock, this.p.by), 0, epochs(this.p.over, clock));
		return between(this.p.initial, this.p.final, share);
	}
}
