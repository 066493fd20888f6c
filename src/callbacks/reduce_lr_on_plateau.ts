import { z } from 'zod';
import { Callback, type CallbackState, callback, type Logs, type Watch } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';
import { Monitor, monitorParameters } from '../train/monitor.ts';
import { setRateFactor } from '../train/rate-factor.ts';
import { knownVersion, savedNumber, savedOptional } from '../train/saved-state.ts';

const parameters = z
	.object({
		...monitorParameters,
		factor: z.number().gt(0).lt(1).default(0.1).describe('Multiplies the learning rate at each reduction.'),
		patience: z.int().min(1).default(5).meta({ unit: 'epochs' }).describe('Epochs in a row without a better value.'),
		cooldown: z
			.int()
			.min(0)
			.default(0)
			.meta({ unit: 'epochs' })
			.describe('Epochs after a reduction that do not count.'),
		min_factor: z
			.number()
			.gt(0)
			.lte(1)
			.default(1e-4)
			.describe('The product of all reductions never falls below this share of the learning rate.'),
	})
	.meta({ columns: [] })
	.describe('Reduces the learning rate when a column stops getting better.');

const who = 'reduce_lr_on_plateau';

/** Multiplies the learning rate by `factor` after `patience` epochs without a better value, again and again. */
@callback(who, parameters)
export class ReduceLrOnPlateau extends Callback {
	readonly #monitor: Monitor;
	#waited = 0;
	#cooling = 0;
	#product = 1;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.#monitor = new Monitor(who, p);
	}

	override onRunStart(training: Training): void {
		setRateFactor(training, this, who, this.#product);
	}

	override columns(): Record<string, never> {
		return {};
	}

	override watches(): readonly Watch[] {
		return [this.#monitor.watch];
	}

	override onEpochEnd(training: Training, logs: Logs): void {
		const better = this.#monitor.observe(training, logs);
		if (better || this.#cooling > 0) {
			this.#waited = 0;
			this.#cooling = Math.max(0, this.#cooling - 1);
			return;
		}
		this.#waited += 1;
		if (this.#waited >= this.p.patience) {
			this.#reduce(training);
		}
	}

	override state(): CallbackState {
		return { waited: this.#waited, cooling: this.#cooling, product: this.#product, best: this.#monitor.best ?? null };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion(who, version, this.version);
		this.#waited = savedNumber(who, state, 'waited');
		this.#cooling = savedNumber(who, state, 'cooling');
		this.#product = savedNumber(who, state, 'product');
		this.#monitor.best = savedOptional(who, state, 'best');
	}

	#reduce(training: Training): void {
		const product = Math.max(this.p.min_factor, this.#product * this.p.factor);
		this.#waited = 0;
		this.#cooling = this.p.cooldown;
		if (product < this.#product) {
			this.#product = product;
			setRateFactor(training, this, who, product);
			training.notice(
				`${who}: ${this.#monitor.column} has not improved for ${this.p.patience} epochs; the learning rate is ` +
					`now multiplied by ${product}.`,
			);
		}
	}
}
