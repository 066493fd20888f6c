/** Orders texts by code points, as Python does. */
export function compareText(a: string, b: string): number {
	const left = a[Symbol.iterator]();
	const right = b[Symbol.iterator]();
	for (;;) {
		const one = left.next();
		const other = right.next();
		if (one.done || other.done) {
			return Number(one.done ?? false) === Number(other.done ?? false) ? 0 : one.done ? -1 : 1;
		}
		const difference = one.value.codePointAt(0)! - other.value.codePointAt(0)!;
		if (difference !== 0) {
			return difference;
		}
	}
}

/** Orders lists of texts by their first difference. */
export function compareLists(a: readonly string[], b: readonly string[]): number {
	for (let index = 0; index < Math.min(a.length, b.length); index++) {
		const order = compareText(a[index]!, b[index]!);
		if (order !== 0) {
			return order;
		}
	}
	return a.length - b.length;
}
