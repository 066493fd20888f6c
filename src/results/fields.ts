import { own } from '../core/own.ts';
import type { RunConfig } from './run-config.ts';
import type { RunRow } from './run-row.ts';

/** One value of a run as text and, where it is one, as a number. */
export interface FieldValue {
	readonly text: string;
	readonly number: number | undefined;
}

/** The names that every run has; others are metrics (`test/accuracy`) or config values (`adam.learning_rate`). */
export const rowFields = ['run', 'state', 'reason', 'epoch', 'step', 'created', 'updated', 'kept'] as const;

/** Answers what a run has under a name; its config is read when it is first asked for. */
export class Fields {
	readonly row: RunRow;
	readonly #load: () => RunConfig;
	#config: RunConfig | undefined;

	constructor(row: RunRow, load: () => RunConfig) {
		this.row = row;
		this.#load = load;
	}

	get config(): RunConfig {
		this.#config ??= this.#load();
		return this.#config;
	}

	/** Undefined where the run has nothing of that name. */
	value(name: string): FieldValue | undefined {
		if ((rowFields as readonly string[]).includes(name)) {
			return fieldOf(this.row[name as (typeof rowFields)[number]]);
		}
		const metric = own(this.row.metrics, name);
		if (metric !== undefined) {
			return fieldOf(metric);
		}
		// Metrics have no dot: without one there is no need to read the config.
		const text = name.includes('.') ? own(this.config.texts, name) : undefined;
		return text === undefined ? undefined : { text: unquoted(text), number: numberOf(text) };
	}

	/** Every name that this run has a value for. */
	names(): string[] {
		return [...rowFields, ...Object.keys(this.row.metrics), ...Object.keys(this.config.texts)];
	}
}

/** `'relu'` as `relu`. */
export function unquoted(text: string): string {
	return /^'[^'\\]*'$/u.test(text) ? text.slice(1, -1) : text;
}

function fieldOf(value: string | number | boolean): FieldValue {
	return { text: String(value), number: typeof value === 'number' ? value : undefined };
}

function numberOf(text: string): number | undefined {
	const value = text === '' ? Number.NaN : Number(text);
	return Number.isNaN(value) ? undefined : value;
}
