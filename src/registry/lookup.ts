import { UsageError } from '../core/errors.ts';
import type { MacroValue, Span, Value } from '../gin/ast.ts';
import { joinValues } from '../gin/merge/join.ts';
import type { Merged, MergedBinding, Replaced } from '../gin/merge/merged.ts';
import { type Catalog, type ComponentInfo, type ParameterInfo, parameterOf } from './catalog.ts';
import { Hints } from './hints.ts';
import { fromPlain } from './plain.ts';

/** A macro by its whole path, `scope/name`. */
export interface Macro {
	readonly path: string;
	readonly value: Value;
	readonly span: Span;
	readonly key: Span;
}

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
	/** Undefined for a default. */
	readonly bound: Bound | undefined;
	/** What the value won over, nearest first: earlier lines of its own scope, then outer scopes. */
	readonly overrode: ReadonlyArray<Replaced & { readonly scope: string }>;
}

/** `@key/gin.singleton()`: one shared instance per key. */
export const singletonName = 'gin.singleton';
const singletonSelectors = new Set([singletonName, 'singleton']);
const macroSelectors = new Set(['gin.macro', 'macro']);

/** Whether a selector means gin's own singleton (unless a component has that name). */
export function isSingleton(selector: string): boolean {
	return singletonSelectors.has(selector);
}

/** Whether a value is `%gin.REQUIRED`: as good as unbound. */
export function isRequiredMarker(value: Value): boolean {
	return value.type === 'macro' && value.scope === '' && (value.name === 'REQUIRED' || value.name === 'gin.REQUIRED');
}

/** `a/b` of scope `a` and name `b`. */
export function joinScope(scope: string, name: string): string {
	return scope === '' ? name : `${scope}/${name}`;
}

/** How many scopes may be nested, and macros stand for macros. */
export const deepest = 100;

/** `a/b/c` gives itself, `a/b`, `a` and the empty scope: who is asked, in turn. */
export function enclosing(scope: string): string[] {
	if (scope === '') {
		return [''];
	}
	const scopes = [scope];
	// What is nested deeper is refused by the check; looking it up must not take for ever.
	for (let at = scope.lastIndexOf('/'); at !== -1 && scopes.length <= deepest; at = scope.lastIndexOf('/', at - 1)) {
		scopes.push(scope.slice(0, at));
	}
	return [...scopes, ''];
}

/** Whether what is bound in `outer` holds in `scope`. */
export function encloses(outer: string, scope: string): boolean {
	return outer === '' || outer === scope || scope.startsWith(`${outer}/`);
}

/** A merged config, asked by component, parameter and scope. */
export class Lookup {
	readonly catalog: Catalog;
	readonly bounds: Bound[] = [];
	/** Bindings that name no known component or parameter. */
	readonly unplaced: MergedBinding[] = [];
	readonly singletons = new Map<string, MergedBinding>();
	readonly macros = new Map<string, Macro>();
	/** Named values that code declared. */
	readonly constants: ReadonlyMap<string, Value>;
	readonly hints = new Hints();
	readonly #byParameter = new Map<string, Map<string, Bound>>();

	constructor(
		merged: Pick<Merged, 'bindings' | 'macros'>,
		catalog: Catalog,
		constants: ReadonlyMap<string, Value> = new Map(),
	) {
		this.catalog = catalog;
		this.constants = constants;
		for (const { scope, name, value, span, key } of merged.macros) {
			const path = joinScope(scope, name);
			this.macros.set(path, { path, value, span, key });
		}
		for (const binding of merged.bindings) {
			this.#place(binding);
		}
	}

	/** The binding that counts for a parameter in a scope, and those it beats. */
	winner(component: string, parameter: string, scope: string): { bound: Bound | undefined; beaten: Bound[] } {
		const byScope = this.#byParameter.get(`${component}.${parameter}`);
		if (byScope === undefined) {
			return { bound: undefined, beaten: [] };
		}
		const [bound, ...beaten] = enclosing(scope).flatMap((prefix) => byScope.get(prefix) ?? []);
		return { bound, beaten };
	}

	/** Every parameter of a component as it is in a scope, in the order of declaration. */
	effective(component: ComponentInfo, scope: string): Effective[] {
		return component.parameters.map((parameter) => {
			const { bound, beaten } = this.winner(component.name, parameter.name, scope);
			return { parameter, value: effectiveValue(parameter, bound), bound, overrode: overrodeOf(bound, beaten) };
		});
	}

	/** The macro that `%path` means: itself, an enclosing one (`%a/b` falls back to `a`), then the default of all macros. */
	macro(path: string): Macro | undefined {
		for (const prefix of enclosing(path)) {
			const macro = this.macros.get(prefix);
			if (macro !== undefined) {
				return macro;
			}
		}
		return undefined;
	}

	/** The constant that a macro's name means: exactly, or as the one dotted suffix; it shadows a macro. */
	constant({ scope, name }: MacroValue): Value | undefined {
		if (scope !== '' || this.constants.size === 0) {
			return undefined;
		}
		const exact = this.constants.get(name);
		if (exact !== undefined) {
			return exact;
		}
		const ending = [...this.constants].filter(([constant]) => constant.endsWith(`.${name}`));
		return ending.length === 1 ? ending[0]![1] : undefined;
	}

	/** The constructor of the singleton `key`, from the key's scope or an enclosing one. */
	singleton(key: string): MergedBinding | undefined {
		for (const prefix of enclosing(key)) {
			const binding = this.singletons.get(prefix);
			if (binding !== undefined) {
				return binding;
			}
		}
		return undefined;
	}

	#place(binding: MergedBinding): void {
		const component = this.catalog.select(binding.selector).found;
		if (component === undefined && isSingleton(binding.selector) && binding.parameter === 'constructor') {
			this.singletons.set(binding.scope, binding);
			return;
		}
		if (component === undefined && macroSelectors.has(binding.selector) && binding.parameter === 'value') {
			const { scope: path, value, span, key } = binding;
			this.macros.set(path, { path, value, span, key });
			return;
		}
		const parameter = component === undefined ? undefined : parameterOf(component, binding.parameter);
		if (component === undefined || parameter === undefined) {
			this.unplaced.push(binding);
			return;
		}
		const alias = parameter.name === binding.parameter ? undefined : binding.parameter;
		const bound = { binding, component, parameter, alias };
		this.bounds.push(bound);
		const id = `${component.name}.${parameter.name}`;
		const byScope = this.#byParameter.get(id) ?? new Map<string, Bound>();
		this.#byParameter.set(id, byScope);
		const other = byScope.get(binding.scope);
		// A parameter bound under two of its names: the line that stands later counts.
		if (other === undefined || !isLater(other.binding.span, binding.span)) {
			byScope.set(binding.scope, bound);
		}
	}
}

function isLater(a: Span, b: Span): boolean {
	return a.source === b.source && a.start > b.start;
}

function effectiveValue(parameter: ParameterInfo, bound: Bound | undefined): Value | undefined {
	const fallback = parameter.default === undefined ? undefined : fromPlain(parameter.default, parameter.type);
	if (bound === undefined) {
		return fallback;
	}
	const { value, ontoDefault } = bound.binding;
	if (isRequiredMarker(value)) {
		return undefined;
	}
	return ontoDefault && fallback !== undefined ? (joinValues(fallback, value) ?? value) : value;
}

function overrodeOf(bound: Bound | undefined, beaten: readonly Bound[]): Effective['overrode'] {
	if (bound === undefined) {
		return [];
	}
	const own = bound.binding.overrode.map((replaced) => ({ ...replaced, scope: bound.binding.scope }));
	const outer = beaten.map(({ binding: { value, span, scope } }) => ({ value, span, scope }));
	return [...own, ...outer];
}

/** `a/b/mlp.units` in parts; `%a/lr` is the macro `a/lr` and has no parameter. */
export function parseKey(key: string): {
	readonly scope: string;
	readonly name: string;
	readonly parameter: string | undefined;
} {
	if (key.startsWith('%')) {
		return { scope: '', name: key.slice(1), parameter: undefined };
	}
	const slash = key.lastIndexOf('/');
	const dot = key.lastIndexOf('.');
	if (dot <= slash) {
		throw new UsageError(
			'config.bad_key',
			`"${key}" is no parameter: write component.parameter, scope/component.parameter or %macro.`,
		);
	}
	return { scope: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1, dot), parameter: key.slice(dot + 1) };
}
