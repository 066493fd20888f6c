import { z } from 'zod';
import { Callback, type CallbackState, callback, type Logs, type Watch } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';
import { Monitor, monitorParameters } from '../train/monitor.ts';
import { knownVersion, savedNumber, savedOptional } from '../train/saved-state.ts';

const parameters = z
	.object({
		...monitorParameters,
		patience: z.int().min(1).default(10).meta({ unit: 'epochs' }).describe('Epochs in a row without a better value.'),
	})
	.meta({ columns: [] })
	.describe('Ends training when a column stops getting better.');

/** Stops after `patience` epochs in a row without a better value. The weights stay those of the last epoch. */
@callback('early_stopping', parameters)
export class EarlyStopping extends Callback {
	readonly #patience: number;
	readonly #monitor: Monitor;
	#waited = 0;
	#bestEpoch = -1;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.#patience = p.patience;
		this.#monitor = new Monitor('early_stopping', p);
	}

	override columns(): Record<string, never> {
		return {};
	}

	override watches(): readonly Watch[] {
		return [this.#monitor.watch];
	}

	override onEpochEnd(training: Training, logs: Logs): void {
		if (this.#monitor.observe(training, logs)) {
			this.#waited = 0;
			this.#bestEpoch = training.epoch;
			return;
		}
		this.#waited += 1;
		if (this.#waited >= this.#patience) {
			const epochs = `${this.#waited} ${this.#waited === 1 ? 'epoch' : 'epochs'}`;
			training.stop(`early_stopping: ${this.#monitor.column} has not improved for ${epochs}; ${this.#best()}`);
		}
	}

	override state(): CallbackState {
		return { waited: this.#waited, bestEpoch: this.#bestEpoch, best: this.#monitor.best ?? null };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion('early_stopping', version, this.version);
		this.#waited = savedNumber('early_stopping', state, 'waited');
		this.#bestEpoch = savedNumber('early_stopping', state, 'bestEpoch');
		this.#monitor.best = savedOptional('early_stopping', state, 'best');
	}

	#best(): string {
		const { best } = this.#monitor;
		return best === undefined ? 'it never was a number' : `its best was ${best}, after epoch ${this.#bestEpoch + 1}`;
	}
}
