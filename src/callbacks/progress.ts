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

	override owns(): readonly string[] {
		return ['the lines of progress'];
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
			training.notice(`${this.#position(training)}  loss ${figure(logs['loss'])}  ${this.#speed(training)}`);
		}
	}

	override onEpochLogged(training: Training, logs: Readonly<Logs>): void {
		this.#erase(training);
		this.#shown = seconds();
		const number = `${training.epoch}`.padStart(`${training.nEpochs}`.length);
		const figures = ['train', 'valid'].flatMap((split) => splitFigures(split, logs));
		const took = `${(logs['time/epoch_s'] ?? 0).toFixed(1)} s`;
		training.notice([`epoch ${number}/${training.nEpochs}`, ...figures, took].join('  '));
	}

	override onRunEnd(training: Training): void {
		this.#erase(training);
	}

	#draw(training: Training, logs: Logs): void {
		const done = (training.clock.epoch - training.epoch) * training.stepsPerEpoch;
		const tail = `  loss ${figure(logs['loss'])}  ${this.#speed(training)}`;
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
		const what = training.data.spec.shape.length === 3 ? 'images' : 'examples';
		// Not a multiple of the batch size: the last batch of an epoch may be smaller.
		const examplesLeft = left * (training.examples / Math.max(1, training.step));
		return `${rate.toFixed(rate < 100 ? 1 : 0)} ${what}/s  ETA ${clock(examplesLeft / rate)}`;
	}
}

/** `train loss 0.4295 accuracy 0.8697` */
function splitFigures(split: string, logs: Readonly<Logs>): string[] {
	const columns = Object.entries(logs).filter(
		([name]) => name.startsWith(`${split}/`) && !name.startsWith(`${split}/loss/`),
	);
	const figures = columns.map(([name, value]) => `${name.slice(split.length + 1)} ${figure(value)}`);
	return figures.length === 0 ? [] : [`${split} ${figures.join(' ')}`];
}

// Of one width where values are of a usual size, so that the lines of an epoch stand in columns.
function figure(value: number | undefined): string {
	if (value === undefined) {
		return '-';
	}
	const size = Math.abs(value);
	return size !== 0 && (size < 1e-3 || size >= 1e4) ? `${Number(value.toPrecision(4))}` : value.toFixed(4);
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
