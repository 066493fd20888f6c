import { z } from 'zod';
import { UsageError } from '../core/errors.ts';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';
import { by, time } from '../train/progress.ts';
import { asStretches, type Stretch, stretchAt, stretches, stretchProblem } from '../train/stretches.ts';

const parameters = z
	.object({
		values: stretches(z.number(), 'value').describe(
			"Pairs [until_epoch, value] or {'until': epoch, 'value': value}, ascending: the value while the time in epochs is below until, which may be a fraction.",
		),
		by: by('step'),
	})
	.describe('One value after another; the last one holds.');

/** The value of the first pair whose `until` lies ahead; the last value from there on. */
@schedule('piecewise', parameters)
export class Piecewise extends Schedule {
	readonly #stretches: readonly Stretch[];
	readonly #unit: 'step' | 'epoch';

	constructor({ values, by: unit }: z.output<typeof parameters>) {
		super();
		this.#unit = unit;
		this.#stretches = asStretches(values, 'value');
		const problem = stretchProblem(this.#stretches);
		if (problem !== undefined) {
			throw new UsageError('schedule.piecewise', `piecewise.values: ${problem}`);
		}
	}

	override value(clock: Clock): number {
		return stretchAt(this.#stretches, time(clock, this.#unit)).value;
	}
}
