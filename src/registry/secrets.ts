import { isSecretName } from '../core/secret-names.ts';
import type { MacroValue, StringValue, Value } from '../gin/ast.ts';
import { reprValue } from '../gin/repr.ts';
import { visitValue } from '../gin/values.ts';
import type { ParameterInfo } from './catalog.ts';
import type { Constructed } from './container.ts';
import { joinScope, type Lookup, type Macro } from './lookup.ts';
import { entryType, fromPlain, itemType } from './plain.ts';
import type { TypeSpec } from './type-spec.ts';

/** What stands in records for a text that is a secret. */
export const mask = '***';

/** A parameter whose value is not recorded. */
export interface Withheld {
	/** `scope/component.parameter` */
	readonly path: string;
	/** The variables that `env()` read it from. */
	readonly variables: readonly string[];
	/** Some of it stands in a config or on the command line: nothing that is recorded leads back to it. */
	readonly isLost: boolean;
}

/**
 * The secrets among the values of a config: texts in parameters, macros or entries of a dict whose name says so
 * (`isSecretName`), and what `env()` reads from a variable of such a name. Numbers and choices are none.
 */
export class Secrets {
	readonly withheld: readonly Withheld[];
	/** The texts themselves. */
	readonly texts: ReadonlySet<string>;
	readonly #lookup: Lookup;
	/** Macros whose texts are secrets, as their name says it or a parameter that uses them. */
	readonly #macros = new Set<Macro>();
	/** Macros that recorded values name, where they stand for a choice, say. */
	readonly #shown = new Set<Macro>();

	constructor(nodes: readonly Constructed[], lookup: Lookup) {
		this.#lookup = lookup;
		for (const macro of lookup.macros.values()) {
			if (isSecretName(lastName(macro.path))) {
				this.#macros.add(macro);
			}
		}
		const bound = nodes.flatMap(({ component, scope, parameters }) =>
			parameters.flatMap(({ parameter, value, bound: binding }) =>
				value === undefined || binding === undefined
					? []
					: [{ path: `${joinScope(scope, component.name)}.${parameter.name}`, parameter, value }],
			),
		);
		for (const { parameter, value } of bound) {
			this.#find(value, parameter);
		}
		const texts = new Set<string>();
		this.withheld = bound.flatMap(({ path, parameter, value }) => {
			const found = this.#find(value, parameter);
			found.forEach((leaf) => void texts.add(leaf.value));
			const variables = [...new Set(found.flatMap(({ from }) => from?.name ?? []))];
			return found.length === 0 ? [] : [{ path, variables, isLost: found.some(({ from }) => from === undefined) }];
		});
		this.texts = texts;
		for (const { parameter, value } of bound) {
			this.#show(this.repeatable(value, parameter));
		}
	}

	/** Whether a macro is not recorded: it holds a secret, and what uses it is recorded without it. */
	hasMacro(macro: Macro): boolean {
		return (
			!this.#shown.has(macro) &&
			this.#find({ type: 'macro', scope: '', name: macro.path }, { name: '', type: { type: 'any' } }).length > 0
		);
	}

	/** A parameter's value as records show it: secrets as `***`. The same object where there are none. */
	masked(value: Value, parameter: Named): Value {
		return this.#replaced(value, parameter, () => ({ type: 'string', value: mask }));
	}

	/**
	 * A parameter's value as a config repeats it: secrets as the `env()` they came from; `%gin.REQUIRED` where one came from
	 * elsewhere, so that it must be given again. The same object where there are none.
	 */
	repeatable(value: Value, parameter: Named): Value {
		const isLost = this.#find(value, parameter).some(({ from }) => from === undefined);
		return isLost
			? { type: 'macro', scope: '', name: 'gin.REQUIRED' }
			: this.#replaced(value, parameter, ({ from }) => ({ type: 'env', name: from!.name, fallback: undefined }));
	}

	#show(value: Value): void {
		visitValue(value, (part) => {
			const macro = part.type === 'macro' ? this.#lookup.macro(joinScope(part.scope, part.name)) : undefined;
			if (macro !== undefined && !this.#shown.has(macro)) {
				this.#shown.add(macro);
				this.#show(macro.value);
			}
		});
	}

	#find(value: Value, parameter: Named): StringValue[] {
		const found: StringValue[] = [];
		this.#replaced(value, parameter, (leaf) => {
			found.push(leaf);
			return leaf;
		});
		return found;
	}

	#replaced(value: Value, parameter: Named, change: (leaf: StringValue) => Value): Value {
		if (isDefault(value, parameter)) {
			return value;
		}
		const { name, type } = parameter;
		let count = 0;
		const counted = (leaf: StringValue) => {
			count++;
			return change(leaf);
		};
		const replaced = this.#walk(value, { type, isSecret: isSecretName(name), seen: [] }, counted);
		return count === 0 ? value : replaced;
	}

	#walk(value: Value, place: Place, change: (leaf: StringValue) => Value): Value {
		const { type, isSecret, seen } = place;
		switch (value.type) {
			case 'string': {
				const isNamed = isSecret || (value.from !== undefined && isSecretName(value.from.name));
				return isNamed && value.value !== '' && isFree(type) ? change(value) : value;
			}
			case 'macro':
				return this.#macro(value, place, change);
			case 'list':
			case 'tuple':
				return {
					...value,
					items: value.items.map((item, at) => this.#walk(item, { type: itemType(type, at), isSecret, seen }, change)),
				};
			case 'dict':
				return {
					...value,
					entries: value.entries.map(([key, entry]) => {
						const name = key.type === 'string' ? key.value : '';
						const inner = { type: entryType(type, name), isSecret: isSecret || isSecretName(name), seen };
						return [key, this.#walk(entry, inner, change)] as const;
					}),
				};
			default:
				return value;
		}
	}

	// A macro that holds a secret is written out, so that it need not be recorded itself.
	#macro(value: MacroValue, { type, isSecret, seen }: Place, change: (leaf: StringValue) => Value): Value {
		const path = joinScope(value.scope, value.name);
		const macro = this.#lookup.constant(value) === undefined ? this.#lookup.macro(path) : undefined;
		if (macro === undefined || seen.includes(macro)) {
			return value;
		}
		if (isSecret) {
			this.#macros.add(macro);
		}
		let count = 0;
		const counted = (leaf: StringValue) => {
			count++;
			return change(leaf);
		};
		const inner = { type, isSecret: isSecret || this.#macros.has(macro), seen: [...seen, macro] };
		const written = this.#walk(macro.value, inner, counted);
		return count === 0 ? value : written;
	}
}

/** What is asked of a parameter. */
type Named = Pick<ParameterInfo, 'name' | 'type' | 'default'>;

interface Place {
	readonly type: TypeSpec;
	/** A name on the way here says that texts are secrets. */
	readonly isSecret: boolean;
	readonly seen: readonly Macro[];
}

/** Whether any text may stand where a value of this type is wanted: a choice and the name of a component are no secrets. */
export function isFree(type: TypeSpec): boolean {
	const options = type.type === 'union' ? type.options : [type];
	return options.some((option) => option.type === 'string' || option.type === 'any');
}

/** Whether a value is the parameter's default: everybody knows it from the code. */
export function isDefault(value: Value, { default: fallback, type }: Named): boolean {
	return fallback !== undefined && reprValue(fromPlain(fallback, type), true) === reprValue(value, true);
}

function lastName(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1);
}
