import { builtin } from './builtins.ts';
import type { Cell } from './cells.ts';
import { enclosing } from './scopes.ts';

type ByParameter<Bound> = Map<string, Bound>;

/**
 * What every cell is bound to while lines are applied in order: a later line takes the place of an earlier one of the
 * same cell. In a scope the binding of the longest enclosing scope counts, wherever it is written.
 */
export class Table<Bound extends Cell> {
	readonly #cells = new Map<string, Bound>();
	/** By component and scope; made when first asked for, dropped with every change. */
	#index: Map<string, Map<string, ByParameter<Bound>>> | undefined;

	/** In the order in which the cells were first bound. */
	all(): IterableIterator<Bound> {
		return this.#cells.values();
	}

	/** The binding of a cell, by its `cellId`. */
	get(id: string): Bound | undefined {
		return this.#cells.get(id);
	}

	set(id: string, bound: Bound): void {
		this.#cells.set(id, bound);
		this.#index = undefined;
	}

	delete(id: string): boolean {
		this.#index = undefined;
		return this.#cells.delete(id);
	}

	clear(): void {
		this.#cells.clear();
		this.#index = undefined;
	}

	/** What is bound to a component in exactly this scope, by parameter. */
	exactly(component: string, scope: string): ReadonlyMap<string, Bound> | undefined {
		return this.#indexed().get(component)?.get(scope);
	}

	/** Everything bound to a component in any scope. */
	*every(component: string): Generator<Bound> {
		for (const values of this.#indexed().get(component)?.values() ?? []) {
			yield* values.values();
		}
	}

	/** What is bound to a component as it is in a scope, by parameter. */
	inScope(component: string, scope: string): Map<string, Bound> {
		const found = new Map<string, Bound>();
		for (const prefix of enclosing(scope).reverse()) {
			for (const [parameter, bound] of this.exactly(component, prefix) ?? []) {
				found.set(parameter, bound);
			}
		}
		return found;
	}

	/** Everything bound to a parameter that holds in a scope, the one that counts first. */
	holding(component: string, parameter: string, scope: string): Bound[] {
		const scopes = this.#indexed().get(component);
		return scopes === undefined ? [] : enclosing(scope).flatMap((prefix) => scopes.get(prefix)?.get(parameter) ?? []);
	}

	/** What `%path` stands for: the macro itself, an enclosing one (`%a/b` falls back to `a`), then the default of all. */
	macro(path: string): Bound | undefined {
		return this.#nearest(builtin.macro, 'value', path);
	}

	/** The constructor of the singleton `key`. */
	singleton(key: string): Bound | undefined {
		return this.#nearest(builtin.singleton, 'constructor', key);
	}

	#nearest(component: string, parameter: string, scope: string): Bound | undefined {
		const scopes = this.#indexed().get(component);
		for (const prefix of scopes === undefined ? [] : enclosing(scope)) {
			const bound = scopes!.get(prefix)?.get(parameter);
			if (bound !== undefined) {
				return bound;
			}
		}
		return undefined;
	}

	#indexed(): Map<string, Map<string, ByParameter<Bound>>> {
		if (this.#index === undefined) {
			this.#index = new Map();
			for (const bound of this.#cells.values()) {
				const { scope, selector, parameter } = bound;
				const scopes = entryOf(this.#index, selector, () => new Map<string, ByParameter<Bound>>());
				entryOf(scopes, scope, () => new Map<string, Bound>()).set(parameter, bound);
			}
		}
		return this.#index;
	}
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
	let value = map.get(key);
	if (value === undefined) {
		value = make();
		map.set(key, value);
	}
	return value;
}
