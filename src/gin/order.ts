/** Orders texts by code points, as Python does. */
export function compareText(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let at = 0; at < length; at++) {
		const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
		if (one !== other) {
			return rank(one) - rank(other);
		}
	}
	return a.length - b.length;
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

// Halves of surrogate pairs stand for the characters beyond all others.
function rank(unit: number): number {
	return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
