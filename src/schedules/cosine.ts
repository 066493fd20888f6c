import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { alongCosine, between, by, epochs, fraction, over, span, time } from '../train/progress.ts';

const parameters = z
	.object({
		initial: z.number().describe('Value after the warm-up.'),
		final: z.number().default(0).describe('Value at the end of the span, held from then on.'),
		warmup: span
			.default(0)
			.meta({ unit: 'epochs' })
			.describe("A straight climb to initial, in epochs or as '500 steps'; it is part of the span."),
		warmup_initial: z.number().default(0).describe('Value at the beginning of the warm-up.'),
		over,
		by: by('step'),
	})
	.describe('Half a cosine from one value to another, after a linear warm-up (Loshchilov & Hutter 2017, no restarts).');

/** `final + (initial − final) · (1 + cos πt) / 2`, with t the share of the span after the warm-up that is done. */
@schedule('cosine', parameters)
export class Cosine extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override notices(clock: Clock): readonly string[] {
		const [warmup, length] = [this.p.warmup, this.p.over].map((span) => epochs(span, clock));
		return warmup! > 0 && warmup! >= length!
			? [
					`cosine: its warm-up lasts ${warmup} epochs and all of it ${length}: the value climbs to the end, and never falls.`,
				]
			: [];
	}

	override value(clock: Clock): number {
		const { initial, final, warmup_initial } = this.p;
		const warmup = epochs(this.p.warmup, clock);
		const at = time(clock, this.p.by);
		return at < warmup
			? between(warmup_initial, initial, at / warmup)
			: alongCosine(initial, final, fraction(at, warmup, epochs(this.p.over, clock) - warmup));
	}
}
