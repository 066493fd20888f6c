import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { alongCosine, by, epochs, fraction, over, time } from '../train/progress.ts';

const parameters = z
	.object({
		peak: z.number().positive().describe('Largest value.'),
		rise: z.number().gt(0).lt(1).default(0.3).describe('Share of the span in which the value climbs to its peak.'),
		initial_divisor: z.number().min(1).default(25).describe('The first value is peak divided by this.'),
		final_divisor: z.number().min(1).default(1e4).describe('The last value is the first divided by this.'),
		over,
		by: by('step'),
	})
	.describe('One rise and one longer fall, both along half a cosine (Smith & Topin 2018).');

/** From `peak / initial_divisor` up to `peak`, down to `peak / initial_divisor / final_divisor`, held from then on. */
@schedule('one_cycle', parameters)
export class OneCycle extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { peak, rise, initial_divisor, final_divisor } = this.p;
		const length = epochs(this.p.over, clock);
		const at = time(clock, this.p.by);
		const first = peak / initial_divisor;
		return at < rise * length
			? alongCosine(first, peak, fraction(at, 0, rise * length))
			: alongCosine(peak, first / final_divisor, fraction(at, rise * length, length - rise * length));
	}
}
