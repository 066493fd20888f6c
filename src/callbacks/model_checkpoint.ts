import { z } from 'zod';
import { Periodic, parseFrequency } from '../core/frequency.ts';
import { Callback, type CallbackState, callback, type Logs, type Watch } from '../train/contracts/callback.ts';
import { isFrequency } from '../train/contracts/frequency.ts';
import type { Retention, Training } from '../train/contracts/training.ts';
import { Monitor, monitorParameters } from '../train/monitor.ts';
import { knownVersion, savedOptional, savedPeriod } from '../train/saved-state.ts';

const parameters = z
	.object({
		...monitorParameters,
		name: z
			.string()
			.refine(isOwnName, 'expects a plain name such as "best_accuracy", other than init, last and step-…')
			.default('best')
			.meta({ added: true })
			.describe('Name of the checkpoint that is the best by the column.'),
		every: isFrequency().default('1 epochs').describe('How often `last` is saved, in the middle of an epoch too.'),
		keep_last: z
			.int()
			.min(2)
			.default(2)
			.meta({ free: true })
			.describe('Newest checkpoints that stay, whatever their names.'),
		keep_every_steps: z
			.int()
			.min(1)
			.nullable()
			.default(null)
			.meta({ unit: 'steps', free: true })
			.describe('Checkpoints at multiples of so many steps stay for good; None for none.'),
	})
	.describe('Saves checkpoints: init, last, and the best by a monitored column.');

/**
 * Saves checkpoints: `init` before the first step, `last` every so often, `best` by a monitored column. A second one, in a
 * scope, needs another `name`.
 */
@callback('model_checkpoint', parameters)
export class ModelCheckpoint extends Callback {
	readonly #retention: Retention;
	readonly #monitor: Monitor;
	readonly #due: Periodic;
	readonly #name: string;
	#bestEpoch: number | undefined;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.#monitor = new Monitor('model_checkpoint', p);
		this.#due = new Periodic(parseFrequency(p.every));
		this.#name = p.name;
		this.#retention = { last: p.keep_last, everySteps: p.keep_every_steps ?? undefined };
	}

	override watches(): readonly Watch[] {
		return [{ ...this.#monitor.watch, checkpoint: this.#name }];
	}

	override savedCheckpoints({ bestEpoch }: CallbackState): readonly string[] {
		return typeof bestEpoch === 'number' ? [this.#name] : [];
	}

	override owns(): readonly string[] {
		return [`checkpoints/${this.#name}`];
	}

	override onRunStart(training: Training): void {
		training.retain(this.#retention);
		// A run that goes on from there has it, and its name.
		if (training.step === 0 && !training.resumed) {
			training.checkpoint('init');
		}
	}

	override onBatchEnd(training: Training): void {
		// The end of an epoch is saved once its row is written.
		if (!Number.isInteger(training.clock.epoch) && this.#isDue(training)) {
			training.checkpoint('last');
		}
	}

	override onEpochLogged(training: Training, logs: Readonly<Logs>): void {
		if (this.#isDue(training)) {
			training.checkpoint('last');
		}
		if (this.#monitor.observe(training, logs)) {
			this.#bestEpoch = training.epoch - 1;
			training.checkpoint(this.#name);
		}
	}

	override state(): CallbackState {
		return { best: this.#monitor.best ?? null, bestEpoch: this.#bestEpoch ?? null, due: this.#due.state() };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion('model_checkpoint', version, this.version);
		this.#monitor.best = savedOptional('model_checkpoint', state, 'best');
		this.#bestEpoch = savedOptional('model_checkpoint', state, 'bestEpoch');
		this.#due.restore(savedPeriod('model_checkpoint', state, 'due'));
	}

	/** Zero-based epoch and value of the best checkpoint so far. */
	get best(): { readonly epoch: number; readonly value: number; readonly monitor: string } | undefined {
		const { best, column } = this.#monitor;
		return best === undefined || this.#bestEpoch === undefined
			? undefined
			: { epoch: this.#bestEpoch, value: best, monitor: column };
	}

	#isDue({ step, examples, seconds, clock }: Training): boolean {
		return this.#due.due({ step, examples, seconds, epoch: clock.epoch });
	}
}

function isOwnName(name: string): boolean {
	return /^(?!(?:init|last)$|step-)[a-z][\w-]*$/u.test(name);
}
