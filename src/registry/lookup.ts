import { UsageError } from '../core/errors.ts';
import type { MacroValue, Value } from '../gin/ast.ts';
import { joinValues } from '../gin/merge/join.ts';
import type { Merged, MergedBinding, Replaced } from '../gin/merge/merged.ts';
import { builtin, isBuiltin } from '../gin/model/builtins.ts';
import { type Cell, cellId, cellOf, parseKey } from '../gin/model/cells.ts';
import { Constants, requiredName } from '../gin/model/constants.ts';
import { type Meaning, Reading } from '../gin/model/meaning.ts';
import { macroRequest } from '../gin/model/requests.ts';
import type { Table } from '../gin/model/table.ts';
import { type Catalog, type ComponentInfo, type ParameterInfo, parameterOf } from './catalog.ts';
import { typesOf } from './component-types.ts';
import { Hints } from './hints.ts';
import { placedPaths } from './paths.ts';
import { fromPlain } from './plain.ts';
import type { TypeSpec } from './type-spec.ts';

/** What a value of a config means where it stands. */
export type ValueMeaning = Meaning<MergedBinding>;

/** A binding whose component and parameter exist. */
export interface Bound {
	readonly binding: MergedBinding;
	readonly component: ComponentInfo;
	readonly parameter: ParameterInfo;
	/** The alias it was written with. */
	readonly alias: string | undefined;
}

/** What a parameter is in one scope, and why. */
export interface Effective {
	readonly parameter: ParameterInfo;
	/** Undefined where nothing is bound and no default can be written down. */
	readonly value: Value | undefined;
	/** As the config says it, where `value` has a path in full. */
	readonly written?: Value;
	/** Undefined for a default. */
	readonly bound: Bound | undefined;
	/** What the value won over, nearest first: earlier lines of its own scope, then outer scopes. */
	readonly overrode: ReadonlyArray<Replaced & { readonly scope: string }>;
}

const noConstants: ReadonlyMap<string, Value> = new Map();

/** A merged config, asked by component, parameter and scope. */
export class Lookup {
	readonly catalog: Catalog;
	readonly table: Table<MergedBinding>;
	/** What every value means. */
	readonly reading: Reading<TypeSpec, MergedBinding>;
	readonly bounds: Bound[] = [];
	/** Bindings that name no known component or parameter. */
	readonly unplaced: MergedBinding[] = [];
	readonly singletons: MergedBinding[] = [];
	readonly macros: readonly MergedBinding[];
	/** Named values that code declared. */
	readonly constants: Constants<Value>;
	readonly hints = new Hints();
	readonly #byBinding = new Map<MergedBinding, Bound>();
	readonly #defaults = new Map<ParameterInfo, Value | undefined>();
	readonly #values = new Map<Bound, Value | undefined>();
	readonly #paths = new Map<Bound, Value>();

	constructor(
		{ table, bindings, macros }: Pick<Merged, 'table' | 'bindings' | 'macros'>,
		catalog: Catalog,
		constants: ReadonlyMap<string, Value> = noConstants,
	) {
		this.catalog = catalog;
		this.table = table;
		this.macros = macros;
		this.constants = new Constants([[requiredName, { type: 'none' }], ...constants]);
		this.reading = new Reading(catalog, table, this.constants, typesOf(catalog));
		for (const binding of bindings) {
			this.#place(binding);
		}
	}

	/** The binding that counts for a parameter in a scope, and those it beats. */
	winner(component: string, parameter: string, scope: string): { bound: Bound | undefined; beaten: Bound[] } {
		const [bound, ...beaten] = this.table
			.holding(component, parameter, scope)
			.flatMap((binding) => this.#byBinding.get(binding) ?? []);
		return { bound, beaten };
	}

	/** Every parameter of a component as it is in a scope, in the order of declaration. */
	effective(component: ComponentInfo, scope: string): Effective[] {
		return component.parameters.map((parameter) => {
			const { bound, beaten } = this.winner(component.name, parameter.name, scope);
			const value = this.#effectiveValue(parameter, bound);
			const common = { parameter, bound, overrode: overrodeOf(bound, beaten) };
			const placed = bound === undefined || value === undefined ? undefined : this.#placed(bound, value);
			return placed === undefined ? { ...common, value } : { ...common, value: placed, written: value };
		});
	}

	/** What the value of a parameter means; undefined where it has none. */
	meaningOf({ parameter, value }: Pick<Effective, 'parameter' | 'value'>): ValueMeaning | undefined {
		return value === undefined ? undefined : this.reading.of(value, parameter.type);
	}

	/** What `%name` uses, where it is no constant. */
	macro(value: MacroValue): MergedBinding | undefined {
		const request = macroRequest(value, this.constants);
		return 'name' in request && request.name === builtin.macro ? this.table.macro(request.scope) : undefined;
	}

	/** The cell that a key names, whatever its spelling; an error where it names nothing that can be bound. */
	cell(key: string): Cell {
		const { scope, selector, parameter } = requireKey(key);
		return cellOf(scope, selector, parameter, this.catalog);
	}

	/** What is bound to exactly this cell. */
	bound(cell: Cell): MergedBinding | undefined {
		return this.table.get(cellId(cell));
	}

	#effectiveValue(parameter: ParameterInfo, bound: Bound | undefined): Value | undefined {
		if (bound === undefined) {
			return this.#default(parameter);
		}
		if (!this.#values.has(bound)) {
			const { value, ontoDefault } = bound.binding;
			const fallback = ontoDefault ? this.#default(parameter) : undefined;
			const isUnbound = this.reading.of(value, parameter.type).is === 'required';
			this.#values.set(
				bound,
				isUnbound ? undefined : fallback === undefined ? value : (joinValues(fallback, value) ?? value),
			);
		}
		return this.#values.get(bound);
	}

	#placed(bound: Bound, value: Value): Value | undefined {
		const { parameter } = bound;
		if (parameter.path !== true) {
			return undefined;
		}
		let placed = this.#paths.get(bound);
		if (placed === undefined) {
			placed = placedPaths(this.reading.of(value, parameter.type));
			this.#paths.set(bound, placed);
		}
		return placed === value ? undefined : placed;
	}

	// The same object each time, so that it is read once.
	#default(parameter: ParameterInfo): Value | undefined {
		if (!this.#defaults.has(parameter)) {
			const { default: plain, type } = parameter;
			this.#defaults.set(parameter, plain === undefined ? undefined : fromPlain(plain, type));
		}
		return this.#defaults.get(parameter);
	}

	#place(binding: MergedBinding): void {
		const { found } = this.catalog.select(binding.selector);
		const parameter = found === undefined ? undefined : parameterOf(found, binding.parameter);
		if (found === undefined || parameter === undefined) {
			this.unplaced.push(binding);
		} else if (isBuiltin(found.name)) {
			this.singletons.push(binding);
		} else {
			const written = binding.writtenParameter;
			const alias = written === parameter.name || !parameter.aliases.includes(written) ? undefined : written;
			const bound = { binding, component: found, parameter, alias };
			this.bounds.push(bound);
			this.#byBinding.set(binding, bound);
		}
	}
}

function overrodeOf(bound: Bound | undefined, beaten: readonly Bound[]): Effective['overrode'] {
	if (bound === undefined) {
		return [];
	}
	const own = bound.binding.overrode.map((replaced) => ({ ...replaced, scope: bound.binding.scope }));
	const outer = beaten.map(({ binding: { value, span, scope } }) => ({ value, span, scope }));
	return [...own, ...outer];
}

/** `a/b/mlp.units` or `%a/lr` in parts, as written. */
export function requireKey(key: string): Cell {
	const parts = parseKey(key);
	if (parts === undefined) {
		throw new UsageError(
			'config.bad_key',
			`"${key}" is no parameter: write component.parameter, scope/component.parameter or %macro.`,
		);
	}
	return parts;
}
