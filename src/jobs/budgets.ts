import { UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { OutcomeState } from './outcome.ts';

/** How often a job is run again after ending in each way. */
export interface Budgets {
	readonly failure: number;
	readonly timeout: number;
	/** After exit 75: the job saved its state and asked for it. */
	readonly preemption: number;
}

/** Nothing is repeated unless the job asks for it; a hundred times is a job that goes in circles. */
export const defaultBudgets: Budgets = { failure: 0, timeout: 0, preemption: 100 };

/** Reads `2` (failures) or `failure=2,timeout=1,preemption=20`. */
export function parseBudgets(text: string): Budgets {
	if (/^\d+$/u.test(text)) {
		return { ...defaultBudgets, failure: Number(text) };
	}
	const budgets: Record<keyof Budgets, number> = { ...defaultBudgets };
	for (const part of text.split(',')) {
		const [name = '', count = ''] = part.split('=').map((side) => side.trim());
		if (!Object.hasOwn(budgets, name) || !/^\d+$/u.test(count)) {
			const hint = Object.hasOwn(budgets, name) ? '' : didYouMean(name, Object.keys(budgets));
			throw new UsageError(
				'jobs.retries',
				`--retries ${text}: "${part}" is not understood.${hint} Allowed are a number, or a list such as failure=2,timeout=1,preemption=20.`,
			);
		}
		budgets[name as keyof Budgets] = Number(count);
	}
	return budgets;
}

/** Counts what one job has used up. */
export class Spending {
	readonly #left: Record<keyof Budgets, number>;

	constructor(budgets: Budgets) {
		this.#left = { ...budgets };
	}

	/** Whether a job that ended so may run again; that costs one of its budget. */
	allows(state: OutcomeState): boolean {
		const budget = budgetOf[state];
		return budget !== undefined && this.#left[budget]-- > 0;
	}
}

const budgetOf: Partial<Readonly<Record<OutcomeState, keyof Budgets>>> = {
	failed: 'failure',
	timeout: 'timeout',
	again: 'preemption',
};
