import { UsageError } from '../core/errors.ts';
import type { ReferenceValue, Value } from '../gin/ast.ts';
import { toJs } from '../gin/values.ts';
import { deepFreeze } from './freeze.ts';
import { isSingleton, joinScope, type Lookup } from './lookup.ts';
import { type Wanted, wanted } from './meaning.ts';
import { entryType, itemType } from './plain.ts';
import type { TypeSpec } from './type-spec.ts';

/** A value ready to be given to a component: once for all, or built anew each time. */
export type Compiled =
	| { readonly constant: unknown; readonly make?: undefined }
	| { readonly constant?: undefined; readonly make: () => unknown };

/** What a compiled value asks to have built. */
export interface Builder {
	build(name: string, scope: string): unknown;
	factory(name: string, scope: string): unknown;
	shared(key: string, make: () => unknown): unknown;
}

/** Scopes that references in a value run in. */
interface Scopes {
	/** Of called references: the active scope, or the macro's name inside a macro. */
	readonly called: string;
	/** Of uncalled references. */
	readonly uncalled: string;
	readonly macros: readonly string[];
}

/** Turns a config value into JavaScript for a parameter of a type: names and references become components. */
export function compile(value: Value, type: TypeSpec, scope: string, lookup: Lookup, builder: Builder): Compiled {
	return new Compiler(lookup, builder).value(value, type, { called: scope, uncalled: scope, macros: [] });
}

class Compiler {
	readonly #lookup: Lookup;
	readonly #builder: Builder;

	constructor(lookup: Lookup, builder: Builder) {
		this.#lookup = lookup;
		this.#builder = builder;
	}

	value(value: Value, type: TypeSpec, scopes: Scopes): Compiled {
		if (value.type === 'macro') {
			const constant = this.#lookup.constant(value);
			return constant === undefined
				? this.#macro(joinScope(value.scope, value.name), type, scopes)
				: this.value(constant, type, scopes);
		}
		const asked = wanted(value, type, this.#lookup.catalog);
		if (asked !== undefined) {
			return this.#component(asked, value, scopes);
		}
		if (value.type === 'list' || value.type === 'tuple') {
			const items = value.items.map((item, index) => this.value(item, itemType(type, index), scopes));
			return together(items, (all) => all);
		}
		return value.type === 'dict' ? this.#dict(value.entries, type, scopes) : { constant: toJs(value) };
	}

	#macro(path: string, type: TypeSpec, scopes: Scopes): Compiled {
		const macro = this.#lookup.macro(path);
		if (macro === undefined || scopes.macros.includes(path)) {
			const text = macro === undefined ? `%${path} is not defined.` : `%${path} leads back to itself.`;
			throw new UsageError(macro === undefined ? 'config.unknown_macro' : 'config.macro_cycle', text);
		}
		return this.value(macro.value, type, { ...scopes, called: path, macros: [...scopes.macros, path] });
	}

	#component(asked: Wanted, value: Value, scopes: Scopes): Compiled {
		const name = this.#lookup.catalog.complete(asked.selector);
		if (name === undefined) {
			if (value.type === 'reference' && isSingleton(asked.selector)) {
				return this.#singleton(value, scopes);
			}
			throw new UsageError('config.unknown_component', `There is no component named "${asked.selector}".`);
		}
		const scope = asked.scope === '' ? (asked.evaluate ? scopes.called : scopes.uncalled) : asked.scope;
		return asked.evaluate
			? { make: () => this.#builder.build(name, scope) }
			: { constant: this.#builder.factory(name, scope) };
	}

	#singleton(value: ReferenceValue, scopes: Scopes): Compiled {
		const key = value.scope === '' ? scopes.called : value.scope;
		const built = this.#lookup.singleton(key)?.value;
		if (built?.type !== 'reference' || built.evaluate) {
			throw new UsageError('config.singleton', `@${key}/gin.singleton() needs ${key}/gin.singleton.constructor = @….`);
		}
		const inner = this.value({ ...built, evaluate: true }, { type: 'any' }, { ...scopes, called: key });
		return { make: () => this.#builder.shared(key, inner.make ?? (() => inner.constant)) };
	}

	#dict(entries: ReadonlyArray<readonly [Value, Value]>, type: TypeSpec, scopes: Scopes): Compiled {
		const keys = entries.map(([key]) => this.value(key, { type: 'any' }, scopes));
		const values = entries.map(([key, entry]) =>
			this.value(entry, entryType(type, key.type === 'string' ? key.value : ''), scopes),
		);
		return together([...keys, ...values], (all) => toDict(all.slice(0, keys.length), all.slice(keys.length)));
	}
}

function together(parts: readonly Compiled[], join: (all: unknown[]) => unknown): Compiled {
	return parts.every(({ make }) => make === undefined)
		? { constant: deepFreeze(join(parts.map(({ constant }) => constant))) }
		: { make: () => Object.freeze(join(parts.map((part) => (part.make === undefined ? part.constant : part.make())))) };
}

// No prototype: a key such as __proto__ is an ordinary key.
function toDict(keys: readonly unknown[], values: readonly unknown[]): unknown {
	if (!keys.every((key) => typeof key === 'string')) {
		return new Map(keys.map((key, index) => [key, values[index]]));
	}
	const object = Object.create(null) as Record<string, unknown>;
	for (const [index, key] of keys.entries()) {
		object[key] = values[index];
	}
	return object;
}
