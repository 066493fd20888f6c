import { z } from 'zod';
import { DivergedError } from '../core/errors.ts';
import { Callback, callback, type Logs } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';

const parameters = z
	.object({
		above: z.number().positive().optional().describe('Also end when the loss of a batch exceeds this; off by default.'),
	})
	.meta({ columns: [] })
	.describe('Ends the run as diverged when a loss is not a finite number.');

/** Looks at the loss and its parts after every batch, and at the splits' losses and all weights after every epoch. */
@callback('terminate_on_nan', parameters)
export class TerminateOnNan extends Callback {
	readonly #limit: number;

	constructor({ above }: z.output<typeof parameters>) {
		super();
		this.#limit = above ?? Number.POSITIVE_INFINITY;
	}

	override columns(): Record<string, never> {
		return {};
	}

	override onBatchEnd(training: Training, logs: Logs): void {
		this.#check(training, logs);
		const { loss } = logs;
		if (loss !== undefined && loss > this.#limit) {
			throw diverged(training, 'loss', `${loss}, above ${this.#limit}`);
		}
	}

	// A finite loss proves little: an activation may turn NaN into 0, and a model of NaN weights still predicts.
	override async onEpochEnd(training: Training, logs: Logs): Promise<void> {
		this.#check(training, logs);
		for (const { name, variable } of training.model.variables()) {
			const bad = (await variable.data()).find((value) => !Number.isFinite(value));
			if (bad !== undefined) {
				throw diverged(training, `a weight in ${name}`, String(bad));
			}
		}
	}

	// Only losses: a metric may rightly be undefined for a split.
	#check(training: Training, logs: Logs): void {
		for (const [column, value] of Object.entries(logs)) {
			if (!Number.isFinite(value) && /(?:^|\/)loss(?:\/|$)/u.test(column)) {
				throw diverged(training, column, String(value));
			}
		}
	}
}

function diverged(training: Training, column: string, value: string): DivergedError {
	return new DivergedError(
		'training.diverged',
		`Training diverged in epoch ${training.epoch}, step ${training.step}: ${column} is ${value}. A smaller learning rate, ` +
			'a warm-up or gradient_clip may help.',
	);
}
