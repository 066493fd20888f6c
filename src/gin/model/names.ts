/** What a selector finds: one entry, or none because no name or several end with it. */
export type Selected<Entry> =
	| { readonly name: string; readonly found: Entry; readonly candidates?: undefined }
	| { readonly name?: undefined; readonly found?: undefined; readonly candidates: readonly string[] };

const nothing: readonly string[] = [];

/** Complete dotted names and what they stand for, found by any dotted suffix: `c` and `b.c` select `a.b.c`. */
export class Names<Entry> {
	readonly #entries = new Map<string, Entry>();
	/** Every complete name by each of its suffixes, itself included. */
	readonly #bySuffix = new Map<string, string[]>();

	get size(): number {
		return this.#entries.size;
	}

	entries(): IterableIterator<[string, Entry]> {
		return this.#entries.entries();
	}

	has(name: string): boolean {
		return this.#entries.has(name);
	}

	/** The entry of exactly this name. */
	get(name: string): Entry | undefined {
		return this.#entries.get(name);
	}

	set(name: string, entry: Entry): void {
		const isNew = !this.#entries.has(name);
		this.#entries.set(name, entry);
		for (const suffix of isNew ? suffixes(name) : []) {
			const names = this.#bySuffix.get(suffix);
			if (names === undefined) {
				this.#bySuffix.set(suffix, [name]);
			} else {
				names.push(name);
			}
		}
	}

	delete(name: string): boolean {
		for (const suffix of this.#entries.has(name) ? suffixes(name) : []) {
			const names = this.#bySuffix.get(suffix)!;
			names.splice(names.indexOf(name), 1);
			if (names.length === 0) {
				this.#bySuffix.delete(suffix);
			}
		}
		return this.#entries.delete(name);
	}

	clear(): void {
		this.#entries.clear();
		this.#bySuffix.clear();
	}

	/** Every complete name that ends with `selector`; only itself where it is complete. */
	matching(selector: string): readonly string[] {
		return this.#entries.has(selector) ? [selector] : (this.#bySuffix.get(selector) ?? nothing);
	}

	/** The one entry that `selector` means: a complete name wins over others that end with it. */
	select(selector: string): Selected<Entry> {
		const found = this.matching(selector);
		const [name] = found;
		return found.length === 1 ? { name: name!, found: this.#entries.get(name!)! } : { candidates: found };
	}

	/** The shortest suffix that means this name alone; the whole name where others end with it. */
	minimal(name: string): string {
		const isEnding = (this.#bySuffix.get(name)?.length ?? 0) > 1;
		return isEnding ? name : (suffixes(name).findLast((suffix) => this.#bySuffix.get(suffix)?.length === 1) ?? name);
	}
}

// The longest, which is the whole name, first.
function suffixes(name: string): string[] {
	const found = [name];
	for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
		found.push(name.slice(dot + 1));
	}
	return found;
}
