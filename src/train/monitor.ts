import { z } from 'zod';
import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Logs, Watch } from './contracts/callback.ts';
import type { Direction } from './contracts/metric.ts';
import type { Training } from './contracts/training.ts';

/** The parameters of a callback that watches a column of the history. */
export const monitorParameters = {
	monitor: z
		.string()
		.default('valid/loss')
		.meta({ column: true })
		.describe('Column to watch; never one of the test split.'),
	mode: z
		.enum(['auto', 'min', 'max'])
		.default('auto')
		.describe('Which way is better; "auto" asks the metric or loss that the column comes from.'),
	min_delta: z.number().min(0).default(0).describe('A change must exceed this to count as better.'),
};

interface Options {
	readonly monitor: string;
	readonly mode: 'auto' | Direction;
	readonly min_delta: number;
}

/** The best value of a column so far. */
export class Monitor {
	readonly #who: string;
	readonly #options: Options;
	/** Undefined before the first value that is a number. */
	best: number | undefined;

	/** `who` is the callback's name, for messages. Throws a UsageError for a column of the test split. */
	constructor(who: string, options: Options) {
		if (options.monitor.startsWith('test/')) {
			throw new UsageError(
				'callback.monitors_test',
				`${who}.monitor = "${options.monitor}": training must not be steered by the test split; watch a "valid/" column.`,
			);
		}
		this.#who = who;
		this.#options = options;
	}

	get column(): string {
		return this.#options.monitor;
	}

	/** For `Callback.watches`. */
	get watch(): Watch {
		return { column: this.column, mode: this.#options.mode };
	}

	/** Takes this epoch's value; true where it is better than the best so far. NaN never is. */
	observe(training: Training, logs: Readonly<Logs>): boolean {
		const value = this.#read(logs);
		const better = this.#isBetter(value, this.#direction(training, logs));
		if (better) {
			this.best = value;
		}
		return better;
	}

	#isBetter(value: number, direction: Direction): boolean {
		if (this.best === undefined || Number.isNaN(value)) {
			return !Number.isNaN(value);
		}
		const gain = direction === 'max' ? value - this.best : this.best - value;
		return gain > this.#options.min_delta;
	}

	#read(logs: Readonly<Logs>): number {
		const value = logs[this.column];
		if (value === undefined) {
			const columns = watchable(logs);
			throw new UsageError(
				'callback.no_column',
				`${this.#who}.monitor = "${this.column}": there is no such column.${didYouMean(this.column, columns)} ` +
					`There are ${columns.join(', ')}.`,
			);
		}
		return value;
	}

	#direction(training: Training, logs: Readonly<Logs>): Direction {
		const { mode } = this.#options;
		const direction = mode === 'auto' ? training.direction(this.column) : mode;
		if (direction === undefined) {
			const known = watchable(logs).filter((column) => training.direction(column) !== undefined);
			throw new UsageError(
				'callback.no_direction',
				`${this.#who}.monitor = "${this.column}": whether more or less of it is better is not known. Set ${this.#who}.mode ` +
					`to "min" or "max", or watch one of ${known.join(', ')}.`,
			);
		}
		return direction;
	}
}

function watchable(logs: Readonly<Logs>): string[] {
	return Object.keys(logs).filter((column) => !column.startsWith('test/'));
}
