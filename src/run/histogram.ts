/** How values are spread: counts in buckets of equal width from the smallest to the largest. */
export interface Histogram {
	readonly min: number;
	readonly max: number;
	/** How many values. */
	readonly num: number;
	readonly sum: number;
	readonly sumSquares: number;
	/** Upper end of each bucket. */
	readonly limits: readonly number[];
	/** How many values are in each bucket. */
	readonly counts: readonly number[];
}

/** Counts values in `buckets` buckets; those that are not finite are left out. */
export function histogramOf(values: ArrayLike<number>, buckets = 30): Histogram {
	let [min, max, num, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
	for (let i = 0; i < values.length; i += 1) {
		const value = values[i]!;
		if (Number.isFinite(value)) {
			min = Math.min(min, value);
			max = Math.max(max, value);
			num += 1;
			sum += value;
			sumSquares += value * value;
		}
	}
	if (num === 0) {
		return { min: 0, max: 0, num, sum, sumSquares, limits: [0], counts: [0] };
	}
	const n = max > min ? buckets : 1;
	return { min, max, num, sum, sumSquares, limits: limitsOf(min, max, n), counts: countsOf(values, min, max, n) };
}

function limitsOf(min: number, max: number, n: number): number[] {
	// The last limit is the maximum itself, not its neighbour by rounding.
	return Array.from({ length: n }, (_, i) => (i === n - 1 ? max : min + ((max - min) * (i + 1)) / n));
}

function countsOf(values: ArrayLike<number>, min: number, max: number, n: number): number[] {
	const counts = new Array<number>(n).fill(0);
	const perUnit = max > min ? n / (max - min) : 0;
	for (let i = 0; i < values.length; i += 1) {
		const value = values[i]!;
		if (Number.isFinite(value)) {
			const bucket = Math.min(n - 1, Math.floor((value - min) * perUnit));
			counts[bucket] = counts[bucket]! + 1;
		}
	}
	return counts;
}
