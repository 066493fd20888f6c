import { UsageError } from './errors.ts';

export type FrequencyUnit = 'seconds' | 'steps' | 'examples' | 'epochs';

/** How often something happens: `'500 steps'` is every 500 steps. */
export interface Frequency {
	readonly unit: FrequencyUnit;
	/** Above 0; whole for steps and examples. */
	readonly every: number;
}

/** Where training stands, in all units. */
export interface Progress {
	readonly step: number;
	readonly examples: number;
	/** Epochs done with the fraction of the current one. */
	readonly epoch: number;
	/** Training time of the run. */
	readonly seconds: number;
}

const secondsPer: Readonly<Record<string, number>> = {
	s: 1,
	sec: 1,
	secs: 1,
	second: 1,
	seconds: 1,
	m: 60,
	min: 60,
	mins: 60,
	minute: 60,
	minutes: 60,
	h: 3600,
	hour: 3600,
	hours: 3600,
	d: 86_400,
	day: 86_400,
	days: 86_400,
};

const counted: Readonly<Record<string, FrequencyUnit>> = {
	step: 'steps',
	steps: 'steps',
	example: 'examples',
	examples: 'examples',
	epoch: 'epochs',
	epochs: 'epochs',
};

const allowed = `allowed are a number of steps, examples or epochs, or a time, as in '500 steps', '128 examples', '0.5 epochs', '10 seconds', '1h30m'`;

/** Reads `'500 steps'`, `'0.5 epochs'`, `'10 seconds'`, `'1h30m'`. */
export function parseFrequency(text: string): Frequency {
	const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/iu.exec(text);
	const unit = match === null ? undefined : counted[match[2]!.toLowerCase()];
	if (match === null || unit === undefined) {
		return { unit: 'seconds', every: parseSeconds(text, 'a frequency') };
	}
	const every = Number(match[1]);
	if (every <= 0 || (unit !== 'epochs' && !Number.isInteger(every))) {
		throw new UsageError(
			'frequency',
			`'${text}' is not a frequency: ${unit} need a ${unit === 'epochs' ? '' : 'whole '}number above 0; ${allowed}.`,
		);
	}
	return { unit, every };
}

/** Seconds of `'2h'`, `'4h50m'`, `'90 minutes'`, `'1 h 30 min'`. */
export function parseDuration(text: string): number {
	return parseSeconds(text, 'a duration');
}

function parseSeconds(text: string, what: string): number {
	const part = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)/giuy;
	let total = 0;
	let last = Number.POSITIVE_INFINITY;
	while (part.lastIndex < text.trimEnd().length) {
		const match = part.exec(text);
		const seconds = match === null ? undefined : secondsPer[match[2]!.toLowerCase()];
		// From large units to small ones: `30m1h` is more likely a slip than meant.
		if (match === null || seconds === undefined || seconds >= last) {
			throw notATime(text, what);
		}
		last = seconds;
		total += Number(match[1]) * seconds;
	}
	if (!(total > 0)) {
		throw notATime(text, what);
	}
	return total;
}

function notATime(text: string, what: string): UsageError {
	const hint =
		what === 'a duration'
			? `allowed are days, hours, minutes and seconds above 0, as in '2h', '1h30m', '90 minutes'`
			: allowed;
	return new UsageError('frequency', `'${text}' is not ${what}: ${hint}.`);
}

/** What a `Periodic` remembers; older checkpoints have `done` only. */
export interface PeriodicState {
	/** Periods over. */
	readonly done: number;
	readonly frequency?: Frequency;
	/** When it was last asked. */
	readonly asked?: Progress;
}

/** Tells when something periodic is due: whenever a multiple of its period has been crossed since it was last asked. */
export class Periodic {
	readonly frequency: Frequency;
	#done = 0;
	#asked: Progress = { step: 0, examples: 0, epoch: 0, seconds: 0 };

	constructor(frequency: Frequency | string) {
		this.frequency = typeof frequency === 'string' ? parseFrequency(frequency) : frequency;
	}

	/** True once for every period crossed; several crossed at once count once. Never at the very start. */
	due({ step, examples, epoch, seconds }: Progress): boolean {
		this.#asked = { step, examples, epoch, seconds };
		const periods = this.#periods();
		const isDue = periods > this.#done;
		this.#done = Math.max(this.#done, periods);
		return isDue;
	}

	state(): PeriodicState {
		return { done: this.#done, frequency: this.frequency, asked: this.#asked };
	}

	/** Another frequency than that of the state goes on from the same place. */
	restore({ done, frequency, asked }: PeriodicState): void {
		this.#done = done;
		this.#asked = asked ?? this.#asked;
		if (frequency !== undefined && asked !== undefined && !isSame(frequency, this.frequency)) {
			this.#done = this.#periods();
		}
	}

	#periods(): number {
		return Math.floor(amount(this.frequency.unit, this.#asked) / this.frequency.every + 1e-9);
	}
}

function isSame(a: Frequency, b: Frequency): boolean {
	return a.unit === b.unit && a.every === b.every;
}

function amount(unit: FrequencyUnit, progress: Progress): number {
	switch (unit) {
		case 'seconds':
			return progress.seconds;
		case 'steps':
			return progress.step;
		case 'examples':
			return progress.examples;
		case 'epochs':
			return progress.epoch;
	}
}
