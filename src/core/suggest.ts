import { distance } from 'fastest-levenshtein';

// Comparing two names takes time that grows with both of their lengths.
const longestName = 200;

/** The legal names most like `name`, best first: near by edits, or holding it as a part; at most `limit`. */
export function nearest(name: string, legal: Iterable<string>, limit = 3): string[] {
	const wanted = simplify(name.slice(0, longestName));
	const scored: Array<{ candidate: string; score: number }> = [];
	for (const candidate of legal) {
		const score = candidate.length > longestName ? undefined : closeness(wanted, simplify(candidate));
		if (score !== undefined) {
			scored.push({ candidate, score });
		}
	}
	scored.sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1));
	return scored.slice(0, limit).map(({ candidate }) => candidate);
}

/** ` Did you mean "x"?`, or the empty string where nothing is near. */
export function didYouMean(name: string, legal: Iterable<string>): string {
	const [first, ...others] = nearest(name, legal);
	if (first === undefined) {
		return '';
	}
	return ` Did you mean ${[first, ...others].map((candidate) => `"${candidate}"`).join(' or ')}?`;
}

function closeness(wanted: string, candidate: string): number | undefined {
	if (wanted === candidate) {
		return 0;
	}
	const edits = isSwap(wanted, candidate) ? 1 : distance(wanted, candidate);
	if (edits <= Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))) {
		return edits;
	}
	const isPart =
		wanted.length >= 3 && candidate.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate));
	return isPart ? 100 + edits : undefined;
}

// Two neighbouring letters in the wrong order are one slip of the fingers.
function isSwap(a: string, b: string): boolean {
	if (a.length !== b.length) {
		return false;
	}
	let at = 0;
	while (at < a.length && a[at] === b[at]) {
		at++;
	}
	return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

// SimpleCnn, simple-cnn and simple_cnn are one name to a person.
function simplify(name: string): string {
	return name.toLowerCase().replaceAll(/[_-]/g, '');
}
