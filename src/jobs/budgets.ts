import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { OutcomeState } from './outcome.ts';

/** How often a job is run again after ending in each way. */
export interface Budgets {
	readonly failure: number;
	readonly timeout: number;
	/** After exit 75: the job saved its state and asked for it. */
	readonly preemption: number;
	/** How often in a row after exit 75 within seconds: such a job gets nowhere. */
	readonly hasty: number;
}

/** Nothing is repeated unless the job asks for it; a hundred times is a job that goes in circles. */
export const defaultBudgets: Budgets = { failure: 0, timeout: 0, preemption: 100, hasty: 5 };

/** An attempt of fewer seconds that asks for another one has done nothing. */
const hastySeconds = 10;
const longestDelay = 60;

/** Reads `2` (failures) or `failure=2,timeout=1,preemption=20`. */
export function parseBudgets(text: string): Budgets {
	const problem = budgetsProblem(text);
	if (problem !== undefined) {
		throw new UsageError('jobs.retries', `--retries ${text}: ${problem}`);
	}
	if (/^\d+$/u.test(text)) {
		return { ...defaultBudgets, failure: Number(text) };
	}
	const budgets: Record<keyof Budgets, number> = { ...defaultBudgets };
	for (const part of text.split(',')) {
		const [name = '', count = ''] = part.split('=').map((side) => side.trim());
		budgets[name as keyof Budgets] = Number(count);
		// Whoever says a number gets that number.
		budgets.hasty = name === 'preemption' ? Number(count) : budgets.hasty;
	}
	return budgets;
}

/** What cannot be understood of a text for `parseBudgets`; undefined where all can. */
export function budgetsProblem(text: string): string | undefined {
	const names = ['failure', 'timeout', 'preemption'];
	for (const part of /^\d+$/u.test(text) ? [] : text.split(',')) {
		const [name = '', count = ''] = part.split('=').map((side) => side.trim());
		if (!names.includes(name) || !/^\d+$/u.test(count)) {
			const hint = names.includes(name) ? '' : didYouMean(name, names);
			return `"${part}" is not understood.${hint} Allowed are a number, or a list such as failure=2,timeout=1,preemption=20.`;
		}
	}
	return undefined;
}

/** Counts what one job has used up. */
export class Spending {
	readonly #left: Record<keyof Budgets, number>;
	#hasty = 0;

	constructor(budgets: Budgets) {
		this.#left = { ...budgets };
	}

	/** Whether a job that ended so after so many seconds may run again; that costs one of its budget. */
	allows(state: OutcomeState, seconds: number): boolean {
		const budget = budgetOf[state];
		this.#hasty = state === 'again' && seconds < hastySeconds ? this.#hasty + 1 : 0;
		return budget !== undefined && this.#hasty <= this.#left.hasty && this.#left[budget]-- > 0;
	}

	/** Seconds to wait before it does: the longer, the more often it asked for that at once. */
	get delay(): number {
		return this.#hasty === 0 ? 0 : Math.min(longestDelay, 2 ** (this.#hasty - 1));
	}
}

const budgetOf: Partial<Readonly<Record<OutcomeState, keyof Budgets>>> = {
	failed: 'failure',
	timeout: 'timeout',
	again: 'preemption',
};
