import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { alongCosine, by, fraction, length, over, position } from '../train/progress.ts';

const parameters = z
	.object({
		peak: z.number().positive().describe('Largest value.'),
		rise: z.number().gt(0).lt(1).default(0.3).describe('Share of the span in which the value climbs to its peak.'),
		start_divisor: z.number().min(1).default(25).describe('The first value is peak divided by this.'),
		end_divisor: z.number().min(1).default(1e4).describe('The last value is the first divided by this.'),
		over,
		by: by('step'),
	})
	.describe('One rise and one longer fall, both along half a cosine (Smith & Topin 2018).');

/** From `peak / start_divisor` up to `peak`, then down to `peak / start_divisor / end_divisor`, held from then on. */
@schedule('one_cycle', parameters)
export class OneCycle extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { peak, rise, start_divisor, end_divisor, by: unit } = this.p;
		const span = this.p.over ?? length(clock, unit);
		const at = position(clock, unit);
		const start = peak / start_divisor;
		return at < rise * span
			? alongCosine(start, peak, fraction(at, 0, rise * span))
			: alongCosine(peak, start / end_divisor, fraction(at, rise * span, span - rise * span));
	}
}
