/** The smallest of numbers, however many; infinity of none, NaN where one is. */
export function smallest(values: Iterable<number>): number {
	let least = Number.POSITIVE_INFINITY;
	for (const value of values) {
		least = Math.min(least, value);
	}
	return least;
}

/** The largest of numbers, however many; minus infinity of none, NaN where one is. */
export function largest(values: Iterable<number>): number {
	let most = Number.NEGATIVE_INFINITY;
	for (const value of values) {
		most = Math.max(most, value);
	}
	return most;
}
