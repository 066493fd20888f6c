import { nearest } from '../core/suggest.ts';
import type { Span } from '../gin/ast.ts';
import type { MergedBinding } from '../gin/merge/merged.ts';
import { deepest, joinScope, splitScope } from '../gin/model/scopes.ts';
import type { ComponentInfo } from './catalog.ts';
import { constructorOf } from './check-types.ts';
import { componentParts } from './component-types.ts';
import type { Effective, Lookup, ValueMeaning } from './lookup.ts';
import { entryType, itemType } from './plain.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

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
	/** Bindings and macros that are used. */
	readonly bindings: ReadonlySet<MergedBinding>;
	/** Macros that values name as they are effective: not those whose text stands there in full, as a path. */
	readonly named: ReadonlySet<MergedBinding>;
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
		const [scope, name] = splitScope(root);
		const component = lookup.catalog.component(name);
		if (component !== undefined) {
			walk.node(component, scope, undefined, []);
		}
	}
	return walk;
}

/** A value while it is followed. */
interface Position {
	/** Where what has no scope of its own is built. */
	readonly scope: string;
	readonly path: readonly string[];
	readonly span: Span | undefined;
	/** What this parameter has led to before: a value may be used many times over. */
	readonly seen: Map<ValueMeaning, Set<TypeSpec>>;
	/** What is written is a path, and stands in full where the value is shown. */
	readonly isPlaced?: boolean;
}

class Walk implements Reached {
	readonly nodes: Node[] = [];
	readonly bindings = new Set<MergedBinding>();
	readonly named = new Set<MergedBinding>();
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
		for (const effective of parameters) {
			this.#parameter(effective, scope, [...path, `${id}.${effective.parameter.name}`]);
		}
		this.#building.pop();
	}

	#parameter(effective: Effective, scope: string, path: readonly string[]): void {
		const { parameter, bound } = effective;
		if (bound !== undefined) {
			this.bindings.add(bound.binding);
		}
		const { written } = effective;
		const meaning = this.#lookup.meaningOf(written === undefined ? effective : { parameter, value: written });
		if (meaning !== undefined) {
			const span = bound?.binding.value.span ?? bound?.binding.span;
			this.#follow(meaning, parameter.type, { scope, path, span, seen: new Map(), isPlaced: written !== undefined });
			return;
		}
		if (bound !== undefined) {
			this.#useMacros(bound.binding);
		}
		if (parameter.required || bound !== undefined) {
			// A missing value is reported; any of the kind may be meant.
			this.#doubtKinds(parameter.type);
		}
	}

	#follow(meaning: ValueMeaning, type: TypeSpec, position: Position): void {
		if (meaning.is === 'plain' || this.#isKnown(meaning, type, position)) {
			return;
		}
		const at = { ...position, span: meaning.value.span ?? position.span };
		switch (meaning.is) {
			case 'macro':
				this.bindings.add(meaning.bound);
				if (!position.isPlaced) {
					this.named.add(meaning.bound);
				}
				// The line that uses the macro stays the place.
				this.#follow(meaning.stands, type, position);
				break;
			case 'constant':
				this.#follow(meaning.stands, type, position);
				break;
			case 'component':
				this.#component(meaning, type, position);
				break;
			case 'shared':
				this.#singleton(meaning.key ?? position.scope, type, position);
				break;
			case 'sequence':
				for (const [index, item] of meaning.items.entries()) {
					this.#follow(item, itemType(type, index, meaning.value), { ...at, span: item.value.span ?? at.span });
				}
				break;
			case 'dict':
				for (const [key, entry] of meaning.entries) {
					const name = key.value.type === 'string' ? key.value.value : '';
					this.#follow(key, anyType, at);
					this.#follow(entry, entryType(type, name, meaning.value), { ...at, span: entry.value.span ?? at.span });
				}
				break;
			case 'trouble':
				this.#trouble(meaning, type);
				break;
			case 'required':
				this.#doubtKinds(type);
		}
	}

	#isKnown(meaning: ValueMeaning, type: TypeSpec, { seen }: Position): boolean {
		const types = seen.get(meaning) ?? new Set<TypeSpec>();
		seen.set(meaning, types);
		const isKnown = types.has(type);
		types.add(type);
		return isKnown;
	}

	#component(meaning: Extract<ValueMeaning, { is: 'component' }>, type: TypeSpec, position: Position): void {
		const component = this.#lookup.catalog.component(meaning.name)!;
		if (isWrongKind(component, type)) {
			this.#doubtKinds(type);
		}
		const scope = meaning.scope ?? position.scope;
		if (meaning.called) {
			this.node(component, scope, position.span, position.path);
			return;
		}
		// Called later if at all: needing itself is no cycle.
		const building = this.#building.splice(0);
		this.node(component, scope, position.span, position.path);
		this.#building.push(...building);
	}

	#singleton(key: string, type: TypeSpec, position: Position): void {
		const maker = this.#lookup.reading.maker(key);
		if (maker === undefined) {
			return;
		}
		this.bindings.add(maker.bound);
		this.#useMacros(maker.bound);
		const built = constructorOf(maker.meaning);
		if (built !== undefined) {
			this.#follow(built.is === 'trouble' ? built : { ...built, called: true }, type, { ...position, scope: key });
		}
	}

	#useMacros(binding: MergedBinding): void {
		const { reading } = this.#lookup;
		const next = reading.macrosIn(binding.value, binding.scope);
		for (let macro = next.pop(); macro !== undefined; macro = next.pop()) {
			if (!this.bindings.has(macro)) {
				this.bindings.add(macro);
				this.named.add(macro);
				next.push(...reading.usesOf(macro));
			}
		}
	}

	#trouble({ trouble }: Extract<ValueMeaning, { is: 'trouble' }>, type: TypeSpec): void {
		const isUnknown = trouble.reason === 'unknown' || trouble.reason === 'ambiguous';
		const kind = componentParts(type)[0]?.kind;
		const near = isUnknown ? nearest(trouble.selector, this.#lookup.catalog.names(kind)) : [];
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
