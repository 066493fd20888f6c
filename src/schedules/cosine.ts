import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { alongCosine, between, by, fraction, length, over, position } from '../train/progress.ts';

const parameters = z
	.object({
		start: z.number().describe('Value after the warm-up.'),
		end: z.number().default(0).describe('Value after the span, held from then on.'),
		warmup: z
			.number()
			.min(0)
			.default(0)
			.describe('Steps or epochs (see by) of a straight climb to start; they are part of the span.'),
		warmup_start: z.number().default(0).describe('Value at the beginning of the warm-up.'),
		over,
		by: by('step'),
	})
	.describe('Half a cosine from one value to another, after a linear warm-up (Loshchilov & Hutter 2017, no restarts).');

/** `end + (start − end) · (1 + cos πt) / 2`, with t the share of the span after the warm-up that is done. */
@schedule('cosine', parameters)
export class Cosine extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { start, end, warmup, warmup_start, by: unit } = this.p;
		const at = position(clock, unit);
		if (at < warmup) {
			return between(warmup_start, start, at / warmup);
		}
		return alongCosine(start, end, fraction(at, warmup, (this.p.over ?? length(clock, unit)) - warmup));
	}
}
