import type { Value } from '../gin/ast.ts';
import { standsFor } from '../gin/model/meaning.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { reprValue } from '../gin/repr.ts';
import { constructorOf } from './check-types.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import { normalise } from './normalise.ts';
import type { Node, Reached } from './reachability.ts';
import { Secrets } from './secrets.ts';

/** What a program begins with, and everything that is built for it. */
export interface Graph {
	readonly roots: readonly GraphNode[];
}

/** One component as it stands in the tree. */
export interface GraphNode {
	/** `scope/component` */
	readonly path: string;
	readonly kind: string;
	/** The key of the one instance that all who ask for it get. */
	readonly shared?: string;
	/** Handed on uncalled: built when its owner calls it, if at all. */
	readonly uncalled?: true;
	/** What stands here is drawn elsewhere: the shared instance itself, or one more of the same. */
	readonly again?: true;
	readonly values: readonly GraphValue[];
	readonly children: readonly GraphEdge[];
}

/** A value that the config binds. */
export interface GraphValue {
	readonly parameter: string;
	readonly text: string;
}

/** A component among the values of a parameter: `callbacks[0]`. */
export interface GraphEdge {
	readonly parameter: string;
	readonly node: GraphNode;
}

/** The tree of what will be built; what stands in it several times has its parts at the first place only. */
export function graphOf(reached: Reached, lookup: Lookup, roots: readonly string[]): Graph {
	const drawing = new Drawing(reached, lookup);
	return { roots: roots.flatMap((root) => drawing.root(root) ?? []) };
}

/** Parts of a value that is written out. */
const longest = 1000;

class Drawing {
	readonly #lookup: Lookup;
	readonly #nodes: ReadonlyMap<string, Node>;
	readonly #secrets: Secrets;
	readonly #drawn = new Set<string>();
	readonly #holding = new Map<ValueMeaning, boolean>();

	constructor({ nodes }: Reached, lookup: Lookup) {
		this.#lookup = lookup;
		this.#nodes = new Map(nodes.map((node) => [joinScope(node.scope, node.component.name), node]));
		this.#secrets = new Secrets(nodes, lookup);
	}

	root(path: string): GraphNode | undefined {
		return this.#node(path, {});
	}

	#node(path: string, marks: Pick<GraphNode, 'shared' | 'uncalled'>): GraphNode | undefined {
		const node = this.#nodes.get(path);
		if (node === undefined) {
			return undefined;
		}
		const id = `${marks.shared ?? ''}@${path}`;
		const common = { path, kind: node.component.kind, ...marks };
		if (this.#drawn.has(id)) {
			return { ...common, again: true, values: [], children: [] };
		}
		this.#drawn.add(id);
		const values: GraphValue[] = [];
		const children: GraphEdge[] = [];
		for (const { parameter, value, bound } of node.parameters) {
			const meaning = this.#lookup.meaningOf({ parameter, value });
			const parts = meaning === undefined ? [] : this.#parts(meaning, parameter.name, node.scope);
			children.push(...parts);
			if (parts.length === 0 && bound !== undefined && value !== undefined) {
				const shown = this.#secrets.masked(value, parameter);
				const normal = normalise(shown, parameter.type, this.#lookup);
				// What macros make long stays as it is written.
				const text = reprValue(sizeOf(normal) > longest ? shown : normal, true);
				values.push({ parameter: parameter.name, text });
			}
		}
		return { ...common, values, children };
	}

	#parts(meaning: ValueMeaning, label: string, scope: string): GraphEdge[] {
		const stands = standsFor(meaning);
		if (!this.#holdsComponents(stands)) {
			return [];
		}
		switch (stands.is) {
			case 'component': {
				const path = joinScope(stands.scope ?? scope, stands.name);
				return this.#edge(label, path, stands.called ? {} : { uncalled: true });
			}
			case 'shared':
				return this.#shared(label, stands.key ?? scope);
			case 'sequence':
				return stands.items.flatMap((item, index) => this.#parts(item, `${label}[${index}]`, scope));
			case 'dict':
				return stands.entries.flatMap(([key, entry]) => {
					const name = key.value.type === 'string' ? JSON.stringify(key.value.value) : reprValue(key.value, true);
					return this.#parts(entry, `${label}[${name}]`, scope);
				});
			default:
				return [];
		}
	}

	// Macros in macros may stand for the same millions of times over.
	#holdsComponents(meaning: ValueMeaning): boolean {
		const stands = standsFor(meaning);
		const known = this.#holding.get(stands);
		if (known !== undefined) {
			return known;
		}
		const parts =
			stands.is === 'sequence' ? stands.items : stands.is === 'dict' ? stands.entries.map(([, entry]) => entry) : [];
		const holds =
			stands.is === 'component' || stands.is === 'shared' || parts.some((part) => this.#holdsComponents(part));
		this.#holding.set(stands, holds);
		return holds;
	}

	#shared(label: string, key: string): GraphEdge[] {
		const maker = this.#lookup.reading.maker(key);
		const built = maker === undefined ? undefined : constructorOf(maker.meaning);
		return built?.is === 'component'
			? this.#edge(label, joinScope(built.scope ?? key, built.name), { shared: key })
			: [];
	}

	#edge(parameter: string, path: string, marks: Pick<GraphNode, 'shared' | 'uncalled'>): GraphEdge[] {
		const node = this.#node(path, marks);
		return node === undefined ? [] : [{ parameter, node }];
	}
}

// A part that stands in several places is counted once for each, and looked at once.
function sizeOf(value: Value, known = new Map<Value, number>()): number {
	const before = known.get(value);
	if (before !== undefined) {
		return before;
	}
	const parts = 'items' in value ? value.items : value.type === 'dict' ? value.entries.flat() : [];
	const size = 1 + parts.reduce((sum, part) => sum + sizeOf(part, known), 0);
	known.set(value, size);
	return size;
}
