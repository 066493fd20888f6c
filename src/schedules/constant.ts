import { z } from 'zod';
import { type Clock, Schedule, schedule } from '../train/contracts/schedule.ts';

const parameters = z.object({ value: z.number().describe('The value.') }).describe('The same value all the time.');

/** `value`, whatever the clock says. */
@schedule('constant', parameters)
export class Constant extends Schedule {
	readonly #value: number;

	constructor({ value }: z.output<typeof parameters>) {
		super();
		this.#value = value;
	}

	override value(_clock: Clock): number {
		return this.#value;
	}
}
