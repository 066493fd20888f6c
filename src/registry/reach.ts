import { nearest } from '../core/suggest.ts';
import type { ReferenceValue, Span, Value } from '../gin/ast.ts';
import type { MergedBinding } from '../gin/merge/merged.ts';
import type { ComponentInfo } from './catalog.ts';
import {
	deepest,
	type Effective,
	isRequiredMarker,
	isSingleton,
	joinScope,
	type Lookup,
	type Macro,
} from './lookup.ts';
import { componentParts, wanted } from './meaning.ts';
import { entryType, itemType } from './plain.ts';
import type { TypeSpec } from './type-spec.ts';

/** A component that will be built, in the scope it is built in. */
export interface Node {
	readonly component: ComponentInfo;
	readonly scope: string;
	readonly parameters: readonly Effective[];
	/** The reference that first led here; undefined for a root or through a default. */
	readonly from: Span | undefined;
	/** Who needs it, outermost first: `train`, `train.model`. */
	readonly path: readonly string[];
}

/** A component that needs itself. */
export interface Cycle {
	readonly chain: readonly string[];
	readonly span: Span | undefined;
}

/** What a config uses when it starts from its roots. */
export interface Reached {
	readonly nodes: readonly Node[];
	readonly bindings: ReadonlySet<MergedBinding>;
	readonly macros: ReadonlySet<Macro>;
	readonly cycles: readonly Cycle[];
	/** Components that a mistyped name may have meant: whether they are used cannot be said. */
	readonly doubtful: ReadonlySet<string>;
	/** Kinds of which a component is wanted where something else stands: the same holds for all of them. */
	readonly doubtfulKinds: ReadonlySet<string>;
	/** Where components need components without end. */
	readonly tooDeep: { readonly span: Span | undefined } | undefined;
}

/** Follows every value from the roots (`train`, or `expert_3/train`) to everything that will be built. */
export function reach(roots: readonly string[], lookup: Lookup): Reached {
	const walk = new Walk(lookup);
	for (const root of roots) {
		const slash = root.lastIndexOf('/');
		const component = lookup.catalog.select(root.slice(slash + 1)).found;
		if (component !== undefined) {
			walk.node(component, root.slice(0, Math.max(0, slash)), undefined, []);
		}
	}
	return walk;
}

interface Position {
	readonly type: TypeSpec;
	/** The scope that unscoped references are called in. */
	readonly scope: string;
	/** The scope of the component whose parameter this is: uncalled references run there. */
	readonly owner: string;
	readonly macros: readonly Macro[];
	readonly path: readonly string[];
	readonly span: Span | undefined;
}

class Walk implements Reached {
	readonly nodes: Node[] = [];
	readonly bindings = new Set<MergedBinding>();
	readonly macros = new Set<Macro>();
	readonly cycles: Cycle[] = [];
	readonly doubtful = new Set<string>();
	readonly doubtfulKinds = new Set<string>();
	tooDeep: Reached['tooDeep'];
	readonly #lookup: Lookup;
	readonly #seen = new Set<string>();
	/** Components being built, innermost last. */
	readonly #building: string[] = [];
	readonly #cyclic = new Set<string>();

	constructor(lookup: Lookup) {
		this.#lookup = lookup;
	}

	node(component: ComponentInfo, scope: string, from: Span | undefined, path: readonly string[]): void {
		const id = joinScope(scope, component.name);
		if (this.#seen.has(id)) {
			this.#closeCycle(id, from);
			return;
		}
		if (this.#building.length >= deepest) {
			this.tooDeep ??= { span: from };
			return;
		}
		this.#seen.add(id);
		this.#building.push(id);
		const parameters = this.#lookup.effective(component, scope);
		this.nodes.push({ component, scope, parameters, from, path });
		for (const { parameter, value, bound } of parameters) {
			if (bound !== undefined) {
				this.bindings.add(bound.binding);
			}
			if (value !== undefined) {
				const step = [...path, `${id}.${parameter.name}`];
				const span = bound?.binding.value.span ?? bound?.binding.span;
				this.#value(value, { type: parameter.type, scope, owner: scope, macros: [], path: step, span });
			} else if (parameter.required || bound !== undefined) {
				// A missing value is reported; any of the kind may be meant.
				this.#doubtKinds(parameter.type);
			}
		}
		this.#building.pop();
	}

	#value(value: Value, position: Position): void {
		if (value.type === 'macro') {
			const path = joinScope(value.scope, value.name);
			const macro = this.#lookup.constant(value) === undefined ? this.#lookup.macro(path) : undefined;
			if (macro !== undefined) {
				this.#macro(macro, path, position);
			} else if (this.#lookup.constant(value) === undefined && !isRequiredMarker(value)) {
				this.#doubtKinds(position.type);
			}
			return;
		}
		const asked = wanted(value, position.type, this.#lookup.catalog);
		if (asked !== undefined) {
			const component = this.#lookup.catalog.select(asked.selector).found;
			if (component === undefined && value.type === 'reference' && isSingleton(asked.selector)) {
				this.#singleton(value, position);
			} else if (component === undefined) {
				this.#doubt(asked.selector, asked.kind, position.type);
			} else {
				if (isWrongKind(component, position.type)) {
					this.#doubtKinds(position.type);
				}
				this.#component(component, asked.scope, asked.evaluate, position);
			}
		} else if (value.type === 'list' || value.type === 'tuple') {
			for (const [index, item] of value.items.entries()) {
				this.#value(item, { ...position, type: itemType(position.type, index), span: item.span ?? position.span });
			}
		} else if (value.type === 'dict') {
			for (const [key, entry] of value.entries) {
				const type = entryType(position.type, key.type === 'string' ? key.value : '');
				this.#value(key, { ...position, type: { type: 'any' } });
				this.#value(entry, { ...position, type, span: entry.span ?? position.span });
			}
		}
	}

	#component(component: ComponentInfo, scope: string, evaluate: boolean, position: Position): void {
		const active = scope !== '' ? scope : evaluate ? position.scope : position.owner;
		if (evaluate) {
			this.node(component, active, position.span, position.path);
			return;
		}
		// Called later if at all: needing itself is no cycle.
		const building = this.#building.splice(0);
		this.node(component, active, position.span, position.path);
		this.#building.push(...building);
	}

	#macro(macro: Macro, path: string, position: Position): void {
		this.macros.add(macro);
		if (position.macros.includes(macro) || position.macros.length >= deepest) {
			return;
		}
		// As in gin, a macro is itself a scope: what it calls is called in the scope of the macro's name.
		this.#value(macro.value, { ...position, scope: path, macros: [...position.macros, macro] });
	}

	#singleton(value: ReferenceValue, position: Position): void {
		const key = value.scope === '' ? position.scope : value.scope;
		const binding = this.#lookup.singleton(key);
		if (binding !== undefined) {
			this.bindings.add(binding);
			const built = binding.value;
			if (built.type === 'reference') {
				this.#value({ ...built, evaluate: true }, { ...position, scope: key, owner: key });
			}
		}
	}

	#doubt(selector: string, kind: string | undefined, type: TypeSpec): void {
		const near = nearest(selector, this.#lookup.catalog.names(kind));
		for (const name of near) {
			this.doubtful.add(name);
		}
		if (near.length === 0) {
			this.#doubtKinds(type);
		}
	}

	#doubtKinds(type: TypeSpec): void {
		for (const { kind } of componentParts(type)) {
			this.doubtfulKinds.add(kind);
		}
	}

	#closeCycle(id: string, from: Span | undefined): void {
		const at = this.#building.indexOf(id);
		if (at !== -1) {
			this.#cycle(
				[...this.#building.slice(at), id].map((step) => `@${step}`),
				from,
			);
		}
	}

	#cycle(chain: readonly string[], span: Span | undefined): void {
		const id = [...new Set(chain)].sort().join();
		if (!this.#cyclic.has(id)) {
			this.#cyclic.add(id);
			this.cycles.push({ chain, span });
		}
	}
}

function isWrongKind(component: ComponentInfo, type: TypeSpec): boolean {
	const parts = componentParts(type);
	return parts.length > 0 && parts.every(({ kind }) => kind !== component.kind);
}
