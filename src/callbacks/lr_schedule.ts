import { z } from 'zod';
import { UsageError } from '../core/errors.ts';
import { Callback, callback } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';
import { setRateFactor } from '../train/rate-factor.ts';
import { asStretches, type Stretch, stretchAt, stretches, stretchProblem } from '../train/stretches.ts';

const parameters = z
	.object({
		factors: stretches(z.number().min(0), 'factor').describe(
			"Pairs [until_epoch, factor] or {'until': epoch, 'factor': factor}, ascending; the last factor holds for good.",
		),
	})
	.describe('Multiplies the learning rate by factors that hold until given epochs.');

/**
 * `[[2, 1.0], [10, 0.1]]`: factor 1.0 in epochs 0 and 1, then 0.1, also after epoch 10; `[2.5, 1.0]` ends in the middle of
 * epoch 2. It multiplies the optimizer's learning rate, schedule included.
 */
@callback('lr_schedule', parameters)
export class LrSchedule extends Callback {
	readonly #factors: readonly Stretch[];
	readonly #hasFractions: boolean;

	constructor({ factors }: z.output<typeof parameters>) {
		super();
		this.#factors = asStretches(factors, 'factor');
		const problem = stretchProblem(this.#factors);
		if (problem !== undefined) {
			throw new UsageError('callback.lr_schedule', `lr_schedule.factors: ${problem}`);
		}
		this.#hasFractions = this.#factors.some(({ until }) => !Number.isInteger(until));
	}

	override onRunStart(training: Training): void {
		const { until, value } = this.#factors.at(-1)!;
		if (training.nEpochs > until) {
			training.notice(
				`lr_schedule: its last entry ends at epoch ${until}, training at epoch ${training.nEpochs}; the factor ` +
					`${value} holds until the end.`,
			);
		}
		// Between epochs the next one's start does it; after the last one the factor stays that of the last epoch.
		if (!Number.isInteger(training.clock.epoch)) {
			this.#apply(training);
		}
	}

	override onEpochStart(training: Training): void {
		this.#apply(training);
	}

	override onBatchEnd(training: Training): void {
		if (this.#hasFractions && !Number.isInteger(training.clock.epoch)) {
			this.#apply(training);
		}
	}

	#apply(training: Training): void {
		const time = this.#hasFractions ? training.clock.epoch : training.epoch;
		setRateFactor(training, this, 'lr_schedule', stretchAt(this.#factors, time).value);
	}
}
