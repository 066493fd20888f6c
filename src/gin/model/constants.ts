import { isSelector } from './identifiers.ts';
import { Names, type Selected } from './names.ts';

/** The name of the marker for a value that must be given: `%gin.REQUIRED`, `%REQUIRED`. */
export const requiredName = 'gin.REQUIRED';

/** Why a name cannot be that of a new constant. */
export type Refusal = { readonly reason: 'bad_name' } | { readonly reason: 'taken'; readonly by: readonly string[] };

/** Named values that code declares; `%name` means the one whose name ends so, and then no macro. */
export class Constants<Value> {
	readonly #names = new Names<Value>();

	constructor(entries: Iterable<readonly [name: string, value: Value]> = []) {
		for (const [name, value] of entries) {
			this.#names.set(name, value);
		}
	}

	entries(): IterableIterator<[string, Value]> {
		return this.#names.entries();
	}

	get(name: string): Value | undefined {
		return this.#names.get(name);
	}

	/** Every constant that `name` may mean. */
	matching(name: string): readonly string[] {
		return this.#names.matching(name);
	}

	select(name: string): Selected<Value> {
		return this.#names.select(name);
	}

	/** Adds a constant; refused where its name means an existing one, unless it may be replaced. */
	add(name: string, value: Value, mayReplace = false): Refusal | undefined {
		if (!isSelector(name)) {
			return { reason: 'bad_name' };
		}
		const by = this.#names.matching(name);
		if (by.length > 0 && !mayReplace) {
			return { reason: 'taken', by };
		}
		this.#names.set(name, value);
		return undefined;
	}

	clear(): void {
		this.#names.clear();
	}
}
