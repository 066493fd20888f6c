import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { by, epochs, positiveSpan, time } from '../train/progress.ts';

const parameters = z
	.object({
		initial: z.number().min(0).describe('Value at the beginning.'),
		factor: z.number().positive().default(0.1).describe('Multiplies the value at each drop.'),
		every: positiveSpan.meta({ unit: 'epochs' }).describe("Time between drops, in epochs or as '500 steps'."),
		minimum: z.number().min(0).default(0).describe('The value never falls below this.'),
		by: by('step'),
	})
	.describe('A drop by the same factor at regular times.');

/** `initial · factor ^ ⌊time / every⌋`, not below `minimum`. */
@schedule('step_decay', parameters)
export class StepDecay extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { initial, factor, every, minimum } = this.p;
		// A drop is due exactly at its step, whatever rounding a fraction of an epoch has met.
		const drops = Math.floor(time(clock, this.p.by) / epochs(every, clock) + 1e-9);
		return Math.max(minimum, initial * factor ** drops);
	}
}
