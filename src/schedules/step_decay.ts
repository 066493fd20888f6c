import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { by, position } from '../train/progress.ts';

const parameters = z
	.object({
		start: z.number().describe('Value at the beginning.'),
		factor: z.number().positive().default(0.1).describe('Multiplies the value at each drop.'),
		every: z.number().positive().describe('Steps or epochs (see by) between drops.'),
		minimum: z.number().optional().describe('The value never falls below this.'),
		by: by('epoch'),
	})
	.describe('A drop by the same factor at regular times.');

/** `start · factor ^ ⌊time / every⌋`, not below `minimum`. */
@schedule('step_decay', parameters)
export class StepDecay extends Schedule {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override value(clock: Clock): number {
		const { start, factor, every, minimum, by: unit } = this.p;
		const drops = Math.floor(position(clock, unit) / every);
		return Math.max(start * factor ** drops, minimum ?? Number.NEGATIVE_INFINITY);
	}
}
