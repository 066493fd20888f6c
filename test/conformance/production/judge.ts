import type { Case } from '../case.ts';
import { compareProduction, type Difference } from './compare.ts';
import { type Deviation, deviationOf } from './deviations.ts';
import { runProduction } from './run-case.ts';

/** What is to be said of one case. */
export interface Judged {
	readonly id: string;
	readonly title: string;
	readonly verdict: 'same' | 'declared' | 'differs' | 'nothing to compare';
	/** The declared deviations that the case shows. */
	readonly deviations: readonly Deviation[];
	/** What differs and is not declared. */
	readonly texts: readonly string[];
}

/** Runs a case through production and compares it with what is recorded of gin. */
export async function judge(given: Case): Promise<Judged> {
	const { id, title = '' } = given;
	const { compared, differences } = await outcomeOf(given);
	if (compared === 0) {
		return { id, title, verdict: 'nothing to compare', deviations: [], texts: [] };
	}
	const found = differences.map((difference) => ({ difference, deviation: deviationOf(difference, given) }));
	const texts = found.flatMap(({ difference, deviation }) =>
		deviation === undefined ? [`${difference.part}: ${difference.text}`] : [],
	);
	const declared = [...new Set(found.flatMap(({ deviation }) => deviation ?? []))];
	const verdict = texts.length > 0 ? 'differs' : declared.length > 0 ? 'declared' : 'same';
	return { id, title, verdict, deviations: declared, texts };
}

async function outcomeOf(given: Case): Promise<{ compared: number; differences: readonly Difference[] }> {
	try {
		return compareProduction(given, await runProduction(given));
	} catch (error) {
		const text = `the runner failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
		return { compared: 1, differences: [{ part: 'case', text, expected: undefined, actual: undefined }] };
	}
}
