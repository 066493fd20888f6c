import { z } from 'zod';
import { Callback, callback, type Logs } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';

const parameters = z
	.object({
		refresh: z
			.number()
			.positive()
			.default(0.1)
			.meta({ unit: 's', free: true })
			.describe('Shortest time between two drawings of the bar.'),
		lines_every: z
			.number()
			.positive()
			.default(30)
			.meta({ unit: 's', free: true })
			.describe('Without a terminal: longest time without a line.'),
	})
	.describe('Shows how far training is: a bar with ETA on a terminal, plain lines elsewhere.');

/** Shows how far training is: a bar with the time left, examples/s and losses on a terminal, plain lines elsewhere. */
@callback('progress', parameters)
export class Progress extends Callback {
	override readonly essential = false;
	readonly #refresh: number;
	readonly #linesEvery: number;
	#shown = Number.NEGATIVE_INFINITY;
	#sessionBegan = 0;
	#sessionExamples = 0;
	#width = 0;

	constructor(p: z.output<typeof parameters>) {
		super();
		this.#refresh = p.refresh;
		this.#linesEvery = p.lines_every;
	}

	override onRunStart(training: Training): void {
		this.#sessionBegan = seconds();
		this.#shown = seconds();
		this.#sessionExamples = training.examples;
	}

	override onBatchEnd(training: Training, logs: Logs): void {
		const since = seconds() - this.#shown;
		if (since < (training.console.isTTY ? this.#refresh : this.#linesEvery)) {
			return;
		}
		this.#shown = seconds();
		if (training.console.isTTY) {
			this.#draw(training, logs);
		} else {
			training.notice(`${this.#position(training)}  loss ${short(logs['loss'])}  ${this.#speed(training)}`);
		}
	}

	override onEpochLogged(training: Training, logs: Readonly<Logs>): void {
		this.#erase(training);
		this.#shown = seconds();
		const number = `${training.epoch}`.padStart(`${training.nEpochs}`.length);
		const columns = Object.entries(logs).filter(([name]) => /^(?:train|valid)\/[^/]+$/u.test(name));
		const figures = columns.map(([name, value]) => `${name} ${short(value)}`);
		training.notice(`epoch ${number}/${training.nEpochs}  ${figures.join('  ')}  ${short(logs['time/epoch_s'])} s`);
	}

	override onRunEnd(training: Training): void {
		this.#erase(training);
	}

	#draw(training: Training, logs: Logs): void {
		const done = (training.clock.epoch - training.epoch) * training.stepsPerEpoch;
		const tail = `  loss ${short(logs['loss'])}  ${this.#speed(training)}`;
		const head = this.#position(training);
		const room = Math.max(0, Math.min(30, training.console.columns - head.length - tail.length - 6));
		const filled = Math.round((room * done) / training.stepsPerEpoch);
		const bar = room >= 5 ? ` [${'='.repeat(filled)}${' '.repeat(room - filled)}]` : '';
		const line = `${head}${bar}${tail}`.slice(0, Math.max(1, training.console.columns - 1));
		training.console.write(`\r${line}${' '.repeat(Math.max(0, this.#width - line.length))}`);
		this.#width = line.length;
	}

	#erase(training: Training): void {
		if (this.#width > 0) {
			training.console.write(`\r${' '.repeat(this.#width)}\r`);
			this.#width = 0;
		}
	}

	#position(training: Training): string {
		const done = Math.round((training.clock.epoch - training.epoch) * training.stepsPerEpoch);
		return `epoch ${training.epoch + 1}/${training.nEpochs} ${`${done}`.padStart(`${training.stepsPerEpoch}`.length)}/${training.stepsPerEpoch}`;
	}

	#speed(training: Training): string {
		const elapsed = seconds() - this.#sessionBegan;
		const rate = (training.examples - this.#sessionExamples) / elapsed;
		const left = training.nEpochs * training.stepsPerEpoch - training.step;
		return `${short(rate)} images/s  ETA ${clock((left * training.batchSize) / rate)}`;
	}
}

function short(value: number | undefined): string {
	return value === undefined ? '-' : `${Number(value.toPrecision(4))}`;
}

/** `0:42`, `1:05:09`. */
function clock(total: number): string {
	if (!Number.isFinite(total)) {
		return '-';
	}
	const whole = Math.round(total);
	const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
	const two = (value: number) => `${value}`.padStart(2, '0');
	return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function seconds(): number {
	return performance.now() / 1000;
}
