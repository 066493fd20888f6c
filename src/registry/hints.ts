import { didYouMean } from '../core/suggest.ts';

/** About a second of comparing names: beyond the first thousands of mistakes nobody reads what was meant. */
const mostComparisons = 1_000_000;

/**
 * The suggestions for the mistakes of one config. The comparisons are counted over all of them: a config may hold as
 * many unknown names as known ones. The same name always gets the same answer.
 */
export class Hints {
	#left = mostComparisons;
	readonly #given = new Map<string, string>();

	/** ` Did you mean "x"?`, or the empty string; `among` tells one list of legal names from another. */
	didYouMean(name: string, among: string, legal: () => readonly string[]): string {
		const id = `${among} ${name}`;
		const given = this.#given.get(id);
		if (given !== undefined || this.#left <= 0) {
			return given ?? '';
		}
		const names = legal();
		this.#left -= names.length;
		const hint = didYouMean(name, names);
		this.#given.set(id, hint);
		return hint;
	}
}
