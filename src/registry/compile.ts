import { UsageError } from '../core/errors.ts';
import { toJs } from '../gin/values.ts';
import { constructorOf } from './check-types.ts';
import { deepFreeze } from './freeze.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import { troubleOf } from './unresolved.ts';

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

/** Turns what a value means into JavaScript for a component in a scope. */
export function compile(meaning: ValueMeaning, scope: string, lookup: Lookup, builder: Builder): Compiled {
	return new Compiler(scope, lookup, builder).compiled(meaning);
}

class Compiler {
	readonly #known = new Map<ValueMeaning, Compiled>();

	constructor(
		readonly scope: string,
		readonly lookup: Lookup,
		readonly builder: Builder,
	) {}

	compiled(meaning: ValueMeaning): Compiled {
		if (meaning.is === 'plain') {
			return { constant: toJs(meaning.value) };
		}
		let compiled = this.#known.get(meaning);
		if (compiled === undefined) {
			compiled = this.#compile(meaning);
			this.#known.set(meaning, compiled);
		}
		return compiled;
	}

	#compile(meaning: Exclude<ValueMeaning, { is: 'plain' }>): Compiled {
		switch (meaning.is) {
			case 'macro':
			case 'constant':
				return this.compiled(meaning.stands);
			case 'sequence':
				return together(
					meaning.items.map((item) => this.compiled(item)),
					(all) => all,
				);
			case 'dict': {
				const keys = meaning.entries.map(([key]) => this.compiled(key));
				const values = meaning.entries.map(([, entry]) => this.compiled(entry));
				return together([...keys, ...values], (all) => toDict(all.slice(0, keys.length), all.slice(keys.length)));
			}
			case 'component':
				return this.#component(meaning, meaning.scope ?? this.scope);
			case 'shared':
				return this.#shared(meaning);
			case 'call':
				return { constant: deepFreeze({ call: meaning.value.name, args: meaning.value.args.map((one) => toJs(one)) }) };
			case 'required':
				throw new UsageError('config.missing_value', 'a value must be given in place of %gin.REQUIRED.');
			case 'trouble': {
				const { code, message } = troubleOf(meaning.trouble, this.lookup);
				throw new UsageError(code, message);
			}
		}
	}

	#component({ name, called }: Extract<ValueMeaning, { is: 'component' }>, scope: string): Compiled {
		return called ? { make: () => this.builder.build(name, scope) } : { constant: this.builder.factory(name, scope) };
	}

	#shared({ key = this.scope, called }: Extract<ValueMeaning, { is: 'shared' }>): Compiled {
		const maker = this.lookup.reading.maker(key);
		const built = maker === undefined ? undefined : constructorOf(maker.meaning);
		if (built?.is !== 'component') {
			throw new UsageError('config.singleton', `@${key}/gin.singleton() needs ${key}/gin.singleton.constructor = @….`);
		}
		const make = () => this.builder.shared(key, () => this.builder.build(built.name, built.scope ?? key));
		return called ? { make } : { constant: make };
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
