import type { CallValue, DictValue, ListValue, MacroValue, ReferenceValue, TupleValue, Value } from '../ast.ts';
import { visitValue } from '../values.ts';
import { builtin } from './builtins.ts';
import type { Cell, Vocabulary } from './cells.ts';
import { type Constants, requiredName } from './constants.ts';
import { type Endless, endlessMacros } from './macro-graph.ts';
import { macroRequest, type Request, requestOf, type Unnamed } from './requests.ts';
import { joinScope } from './scopes.ts';
import type { Table } from './table.ts';

/** A binding with the value that it gives its cell. */
export interface Bound extends Cell {
	readonly value: Value;
}

/** What a value means where it stands. The same value there has the same meaning object: who asks may remember answers. */
export type Meaning<B extends Bound = Bound> =
	| { readonly is: 'plain'; readonly value: Value }
	| { readonly is: 'sequence'; readonly value: ListValue | TupleValue; readonly items: ReadonlyArray<Meaning<B>> }
	| DictMeaning<B>
	| ComponentMeaning
	| SharedMeaning
	| ConstantMeaning<B>
	| MacroMeaning<B>
	/** `%gin.REQUIRED`: as good as unbound. */
	| { readonly is: 'required'; readonly value: Value }
	/** `grid([1, 2])`: data for the place where it stands. */
	| { readonly is: 'call'; readonly value: CallValue }
	| TroubleMeaning;

export interface DictMeaning<B extends Bound = Bound> {
	readonly is: 'dict';
	readonly value: DictValue;
	readonly entries: ReadonlyArray<readonly [key: Meaning<B>, value: Meaning<B>]>;
	/** Values that a later entry of an equal key replaced. */
	readonly dropped: ReadonlyArray<Meaning<B>>;
}

/** A component, built where it is called or handed on uncalled. */
export interface ComponentMeaning {
	readonly is: 'component';
	readonly value: Value;
	/** The complete name. */
	readonly name: string;
	/** Undefined where the scope of the component counts whose parameter this is. */
	readonly scope: string | undefined;
	readonly called: boolean;
}

/** `@key/gin.singleton()`: the one object of the key. */
export interface SharedMeaning {
	readonly is: 'shared';
	readonly value: Value;
	/** Undefined where the scope counts in which it is asked for. */
	readonly key: string | undefined;
	readonly called: boolean;
}

export interface ConstantMeaning<B extends Bound = Bound> {
	readonly is: 'constant';
	readonly value: Value;
	readonly name: string;
	readonly stands: Meaning<B>;
}

export interface MacroMeaning<B extends Bound = Bound> {
	readonly is: 'macro';
	readonly value: Value;
	/** As used; what is bound may be an enclosing macro. */
	readonly path: string;
	readonly bound: B;
	/** What stands in its place; never leads back here. */
	readonly stands: Meaning<B>;
}

/** A value that means nothing. */
export interface TroubleMeaning {
	readonly is: 'trouble';
	readonly value: Value;
	readonly trouble: Trouble;
}

export type Trouble =
	| Unnamed
	/** `%path` leads back to itself, or stands for too many macros in a row. */
	| { readonly reason: 'endless_macro'; readonly path: string }
	/** `%path` is bound nowhere. */
	| { readonly reason: 'unbound_macro'; readonly path: string }
	/** `@x/macro` without parentheses. */
	| { readonly reason: 'uncalled_macro'; readonly path: string }
	/** `@macro()` or `@gin.constant()` whose scope names nothing. */
	| { readonly reason: 'nameless'; readonly name: string; readonly scope: string };

/** What is known of the places where values stand: parameters, items of their lists, entries of their dicts. */
export interface Types<Type> {
	/** Takes everything: where nothing is known. */
	readonly any: Type;
	item(type: Type, index: number, whole: Value): Type;
	entry(type: Type, key: string, whole: Value): Type;
	/** The component that a text names where this type stands; undefined for a text that is only a text. */
	named(type: Type, text: string): Pick<ReferenceValue, 'scope' | 'selector' | 'evaluate'> | undefined;
}

interface Known<B extends Bound> {
	readonly type: unknown;
	readonly inside: string | undefined;
	readonly meaning: Meaning<B>;
}

/** Reads values against a finished table. Everything is read once for each type of place. */
export class Reading<Type, B extends Bound = Bound> {
	readonly #known = new WeakMap<Value, Array<Known<B>>>();
	readonly #uses = new Map<B, readonly B[]>();
	#endless: Endless<B> | undefined;

	constructor(
		readonly vocabulary: Vocabulary,
		readonly table: Table<B>,
		readonly constants: Constants<Value>,
		readonly types: Types<Type>,
	) {}

	/**
	 * What a value means in a place of a type. `inside` is the macro or the singleton that holds it: what it calls is
	 * called in the scope of that name, as in gin.
	 */
	of(value: Value, type: Type, inside?: string): Meaning<B> {
		if (isPlain(value)) {
			return { is: 'plain', value };
		}
		let known = this.#known.get(value);
		if (known === undefined) {
			known = [];
			this.#known.set(value, known);
		}
		const before = known.find((one) => one.type === type && one.inside === inside);
		if (before !== undefined) {
			return before.meaning;
		}
		const meaning = this.#read(value, type, inside);
		known.push({ type, inside, meaning });
		return meaning;
	}

	/** The macros that a value uses by itself; `inside` as in `of`. */
	macrosIn(value: Value, inside?: string): B[] {
		const used = new Set<B>();
		visitValue(value, (part) => {
			const request =
				part.type === 'macro'
					? macroRequest(part, this.constants)
					: part.type === 'reference'
						? requestOf(part, this.vocabulary)
						: undefined;
			if (request !== undefined && 'name' in request && request.name === builtin.macro && request.called) {
				const macro = this.table.macro(request.scope === '' ? (inside ?? '') : request.scope);
				if (macro !== undefined) {
					used.add(macro);
				}
			}
		});
		return [...used];
	}

	/** The macros that a macro uses by itself. */
	usesOf(macro: B): readonly B[] {
		let uses = this.#uses.get(macro);
		if (uses === undefined) {
			uses = this.macrosIn(macro.value, macro.scope);
			this.#uses.set(macro, uses);
		}
		return uses;
	}

	/** Macros that stand for nothing in the end. */
	get endless(): Endless<B> {
		this.#endless ??= endlessMacros(this.table.every(builtin.macro), (macro) => this.usesOf(macro));
		return this.#endless;
	}

	/** What makes the singleton of a key: a component to be called. */
	maker(key: string): { readonly bound: B; readonly meaning: Meaning<B> } | undefined {
		const bound = this.table.singleton(key);
		return bound === undefined ? undefined : { bound, meaning: this.of(bound.value, this.types.any, key) };
	}

	#read(value: Value, type: Type, inside: string | undefined): Meaning<B> {
		switch (value.type) {
			case 'list':
			case 'tuple': {
				const items = value.items.map((item, index) => this.of(item, this.types.item(type, index, value), inside));
				return { is: 'sequence', value, items };
			}
			case 'dict':
				return this.#dict(value, type, inside);
			case 'call':
				return { is: 'call', value };
			case 'macro':
				return this.#request(value, macroRequest(value, this.constants), type, inside);
			case 'reference':
				return this.#request(value, requestOf(value, this.vocabulary), type, inside);
			case 'string': {
				const named = this.types.named(type, value.value);
				// A text is no call of the macro that holds it.
				return named === undefined
					? { is: 'plain', value }
					: this.#request(value, requestOf(named, this.vocabulary), type, undefined);
			}
			default:
				return { is: 'plain', value };
		}
	}

	#dict(value: DictValue, type: Type, inside: string | undefined): DictMeaning<B> {
		const { any } = this.types;
		const entries = value.entries.map(([key, entry]) => {
			const inner = this.types.entry(type, key.type === 'string' ? key.value : '', value);
			return [this.of(key, any, inside), this.of(entry, inner, inside)] as const;
		});
		const dropped = (value.dropped ?? []).map((entry) => this.of(entry, any, inside));
		return { is: 'dict', value, entries, dropped };
	}

	#request(value: Value, request: Request | Unnamed, type: Type, inside: string | undefined): Meaning<B> {
		if ('reason' in request) {
			return { is: 'trouble', value, trouble: request };
		}
		const { name, called } = request;
		const scope = request.scope !== '' ? request.scope : called ? inside : undefined;
		switch (name) {
			case builtin.macro:
				return this.#macro(value, scope, called, type);
			case builtin.constant:
				return this.#constant(value, scope, type);
			case builtin.singleton:
				return { is: 'shared', value, key: scope, called };
			default:
				return { is: 'component', value, name, scope, called };
		}
	}

	#macro(value: Value, name: string | undefined, called: boolean, type: Type): Meaning<B> {
		// `@macro()` without a name is the default of all macros.
		const path = name ?? '';
		const bound = this.table.macro(path);
		if (!called) {
			return { is: 'trouble', value, trouble: { reason: 'uncalled_macro', path } };
		}
		if (bound === undefined) {
			return { is: 'trouble', value, trouble: { reason: 'unbound_macro', path } };
		}
		if (this.endless.all.has(bound)) {
			return { is: 'trouble', value, trouble: { reason: 'endless_macro', path } };
		}
		return { is: 'macro', value, path, bound, stands: this.of(bound.value, type, path) };
	}

	#constant(value: Value, name: string | undefined, type: Type): Meaning<B> {
		if (name === requiredName) {
			return { is: 'required', value };
		}
		const constant = name === undefined ? undefined : this.constants.get(name);
		return constant === undefined
			? { is: 'trouble', value, trouble: { reason: 'nameless', name: builtin.constant, scope: name ?? '' } }
			: { is: 'constant', value, name: name!, stands: this.of(constant, type) };
	}
}

/** What stands at the end of macros and constants. */
export function standsFor<B extends Bound>(meaning: Meaning<B>): Exclude<Meaning<B>, { is: 'macro' | 'constant' }> {
	let at = meaning;
	while (at.is === 'macro' || at.is === 'constant') {
		at = at.stands;
	}
	return at;
}

/** The path of a macro as it is written: `scope/name`. */
export function macroPath({ scope, name }: Pick<MacroValue, 'scope' | 'name'>): string {
	return joinScope(scope, name);
}

function isPlain({ type }: Value): boolean {
	switch (type) {
		case 'none':
		case 'bool':
		case 'int':
		case 'float':
		case 'bytes':
		case 'complex':
		case 'env':
			return true;
		default:
			return false;
	}
}
