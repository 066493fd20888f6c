import { z } from 'zod';
import { Periodic, parseFrequency } from '../core/frequency.ts';
import { runPath } from '../run/paths.ts';
import { Table } from '../run/table.ts';
import { Callback, type CallbackState, callback, type Logs } from '../train/contracts/callback.ts';
import { isFrequency } from '../train/contracts/frequency.ts';
import type { Training } from '../train/contracts/training.ts';
import { knownVersion, savedCount, savedPeriod } from '../train/saved-state.ts';

const parameters = z
	.object({
		steps_every: isFrequency().default('50 steps').meta({ free: true }).describe('How often a row goes to steps.csv.'),
	})
	.describe('Writes history.csv (a row per epoch) and steps.csv (a row every so many steps).');

/** Writes `history.csv` and `steps.csv`; a resumed run continues them where its checkpoint stands. */
@callback('csv_logger', parameters)
export class CsvLogger extends Callback {
	readonly #due: Periodic;
	#history: Table | undefined;
	#steps: Table | undefined;
	#stepRows = 0;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.#due = new Periodic(parseFrequency(p.steps_every));
	}

	override owns(): readonly string[] {
		return ['history.csv', 'steps.csv'];
	}

	override onRunStart(training: Training): void {
		if (training.run === undefined) {
			return;
		}
		training.run.check();
		const { path } = training.run;
		this.#history = Table.open(
			runPath(path, 'history'),
			['epoch', 'step', 'n_examples', 'lr'],
			training.history.length,
		);
		this.#steps = Table.open(runPath(path, 'steps'), ['step', 'epoch', 'lr', 'loss'], this.#stepRows);
	}

	override onBatchEnd(training: Training, logs: Logs): void {
		const { step, examples, seconds, clock, run } = training;
		if (this.#steps !== undefined && this.#due.due({ step, examples, seconds, epoch: clock.epoch })) {
			run?.check();
			this.#steps.append({ step, epoch: clock.epoch, ...logs, 'time/total_s': seconds });
			this.#stepRows = this.#steps.length;
		}
	}

	override onEpochLogged(training: Training, logs: Readonly<Logs>): void {
		if (this.#history !== undefined) {
			training.run?.check();
			this.#history.append(logs);
		}
	}

	override async onSaving({ run }: Training): Promise<void> {
		run?.check();
		await Promise.all([this.#history?.sync(), this.#steps?.sync()]);
	}

	override onRunEnd(): void {
		this.#history?.close();
		this.#steps?.close();
	}

	override state(): CallbackState {
		return { stepRows: this.#stepRows, due: this.#due.state() };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion('csv_logger', version, this.version);
		this.#stepRows = savedCount('csv_logger', state, 'stepRows');
		this.#due.restore(savedPeriod('csv_logger', state, 'due'));
	}
}
