import { GinError } from './gin-error.ts';

const selectorPattern = /^[a-zA-Z_][\p{L}\p{N}\p{M}\p{Pc}]*(\.[a-zA-Z_][\p{L}\p{N}\p{M}\p{Pc}]*)*$/u;
const identifierPattern = /^[a-zA-Z_][\p{L}\p{N}\p{M}\p{Pc}]*$/u;

/** Whether a text is names joined by dots. */
export function isSelector(text: string): boolean {
	return selectorPattern.test(text);
}

/** Whether a text is one name. */
export function isIdentifier(text: string): boolean {
	return identifierPattern.test(text);
}

interface Node {
	readonly children: Map<string, Node>;
	/** The complete selector that ends here. */
	complete: string | undefined;
}

/** Complete dotted selectors and their values, found by any dotted suffix. */
export class SelectorMap<Entry> {
	// A tree by components from the innermost outwards.
	readonly #root: Node = emptyNode();
	readonly #entries = new Map<string, Entry>();
	// What was asked since the last change: a config names the same things again and again.
	readonly #asked = new Map<string, readonly string[]>();

	get size(): number {
		return this.#entries.size;
	}

	entries(): IterableIterator<[string, Entry]> {
		return this.#entries.entries();
	}

	has(complete: string): boolean {
		return this.#entries.has(complete);
	}

	get(complete: string): Entry | undefined {
		return this.#entries.get(complete);
	}

	set(complete: string, entry: Entry): void {
		if (!isSelector(complete)) {
			throw new GinError('bad_name', 'ValueError', `Invalid selector '${complete}'.`);
		}
		this.#asked.clear();
		let node = this.#root;
		for (const component of complete.split('.').reverse()) {
			let child = node.children.get(component);
			if (child === undefined) {
				child = emptyNode();
				node.children.set(component, child);
			}
			node = child;
		}
		node.complete = complete;
		this.#entries.set(complete, entry);
	}

	/** Removes and returns an entry. */
	pop(complete: string): Entry {
		const entry = this.#entries.get(complete);
		if (entry === undefined) {
			throw new GinError('other', 'KeyError', `'${complete}'`);
		}
		this.#asked.clear();
		this.#entries.delete(complete);
		removePath(this.#root, complete.split('.').reverse());
		return entry;
	}

	clear(): void {
		this.#asked.clear();
		this.#root.children.clear();
		this.#entries.clear();
	}

	/** Every complete selector that ends in `partial`; only itself where it is complete. */
	matching(partial: string): readonly string[] {
		let found = this.#asked.get(partial);
		if (found === undefined) {
			found = this.#entries.has(partial) ? [partial] : this.#below(partial);
			this.#asked.set(partial, found);
		}
		return found;
	}

	/** The one entry that `partial` selects, undefined if there is none; throws if there are several. */
	match(partial: string): Entry | undefined {
		const found = this.matching(partial);
		if (found.length > 1) {
			throw new GinError(
				'ambiguous_selector',
				'KeyError',
				`Ambiguous selector '${partial}', matches ${quoteList(found)}.`,
			);
		}
		return found[0] === undefined ? undefined : this.#entries.get(found[0]);
	}

	/** The shortest suffix that selects this entry alone; the whole selector where others end in it. */
	minimal(complete: string): string {
		if (!this.#entries.has(complete)) {
			throw new GinError('selector_missing', 'KeyError', `No value with selector '${complete}'.`);
		}
		const components = complete.split('.');
		let node = this.#root;
		let start: number | undefined;
		for (let index = components.length - 1; index >= 0; index--) {
			const isOnlyWay = node.children.size + (node.complete === undefined ? 0 : 1) === 1;
			start = isOnlyWay ? (start ?? index + 1) : undefined;
			node = node.children.get(components[index]!)!;
		}
		if (node.children.size > 0) {
			return complete;
		}
		return components.slice(start === undefined || start === components.length ? 0 : start).join('.');
	}

	#below(partial: string): string[] {
		const start = this.#find(partial);
		const found: string[] = [];
		const stack = start === undefined ? [] : [start];
		for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
			stack.push(...node.children.values());
			if (node.complete !== undefined) {
				found.push(node.complete);
			}
		}
		return found;
	}

	#find(partial: string): Node | undefined {
		let node: Node | undefined = this.#root;
		for (const component of partial.split('.').reverse()) {
			node = node.children.get(component);
			if (node === undefined) {
				return undefined;
			}
		}
		return node;
	}
}

/** Names as messages list them: `['a', 'b']`. */
export function quoteList(names: readonly string[]): string {
	return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}

function emptyNode(): Node {
	return { children: new Map(), complete: undefined };
}

function removePath(root: Node, path: readonly string[]): void {
	const nodes = [root];
	for (const component of path) {
		nodes.push(nodes.at(-1)!.children.get(component)!);
	}
	nodes.at(-1)!.complete = undefined;
	for (let index = path.length; index > 0; index--) {
		const node = nodes[index]!;
		if (node.children.size === 0 && node.complete === undefined) {
			nodes[index - 1]!.children.delete(path[index - 1]!);
		}
	}
}
