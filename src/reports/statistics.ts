import { largest, smallest } from '../core/extremes.ts';
import { tCumulative, tQuantile } from './student-t.ts';

/** A sample in figures; those that need more values than there are, are NaN. */
export interface Spread {
	readonly n: number;
	readonly mean: number;
	/** Of the sample, with n − 1. */
	readonly sd: number;
	/** The 95 % confidence interval of the mean, by Student's t. */
	readonly low: number;
	readonly high: number;
	readonly min: number;
	readonly max: number;
}

/** Mean, standard deviation and confidence interval of some numbers. */
export function spreadOf(values: readonly number[]): Spread {
	const n = values.length;
	const mean = n === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / n;
	const sd = n < 2 ? Number.NaN : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
	const half = n < 2 ? Number.NaN : (tQuantile(0.975, n - 1) * sd) / Math.sqrt(n);
	const [min, max] = n === 0 ? [Number.NaN, Number.NaN] : [smallest(values), largest(values)];
	return { n, mean, sd, low: mean - half, high: mean + half, min, max };
}

/** How much a group differs from another, pair by pair. */
export interface Paired extends Spread {
	/** Two-sided probability of a mean difference at least this large if there were none; NaN for fewer than two pairs. */
	readonly p: number;
}

/** The differences of pairs, and Student's paired test of their mean against 0. */
export function pairedTest(differences: readonly number[]): Paired {
	const spread = spreadOf(differences);
	const { n, mean, sd } = spread;
	if (n < 2) {
		return { ...spread, p: Number.NaN };
	}
	if (sd === 0) {
		return { ...spread, p: mean === 0 ? 1 : 0 };
	}
	const t = Math.abs(mean / (sd / Math.sqrt(n)));
	return { ...spread, p: 2 * tCumulative(-t, n - 1) };
}
