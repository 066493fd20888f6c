import { isSecretName } from '../core/secret-names.ts';
import type { StringValue, Value } from '../gin/ast.ts';
import type { MergedBinding } from '../gin/merge/merged.ts';
import { requiredName } from '../gin/model/constants.ts';
import { joinScope, splitScope } from '../gin/model/scopes.ts';
import { reprValue } from '../gin/repr.ts';
import type { ParameterInfo } from './catalog.ts';
import { optionsOf } from './component-types.ts';
import type { Constructed } from './container.ts';
import type { Lookup, ValueMeaning } from './lookup.ts';
import { entryType, fromPlain, itemType } from './plain.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

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
	readonly #macros = new Set<MergedBinding>();
	/** Macros that recorded values name, where they stand for a choice, say. */
	readonly #shown = new Set<MergedBinding>();

	constructor(nodes: readonly Constructed[], lookup: Lookup) {
		this.#lookup = lookup;
		for (const macro of lookup.macros) {
			if (isSecretName(splitScope(macro.scope)[1])) {
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
	hasMacro(macro: MergedBinding): boolean {
		const [scope, name] = splitScope(macro.scope);
		return (
			!this.#shown.has(macro) && this.#find({ type: 'macro', scope, name }, { name: '', type: anyType }).length > 0
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
			? { type: 'macro', scope: '', name: requiredName }
			: this.#replaced(value, parameter, ({ from }) => ({ type: 'env', name: from!.name, fallback: undefined }));
	}

	#show(value: Value): void {
		const { reading } = this.#lookup;
		const next = reading.macrosIn(value);
		for (let macro = next.pop(); macro !== undefined; macro = next.pop()) {
			if (!this.#shown.has(macro)) {
				this.#shown.add(macro);
				next.push(...reading.usesOf(macro));
			}
		}
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
		const meaning = this.#lookup.reading.of(value, type);
		return new Replacing(this.#macros, change).replaced(meaning, type, isSecretName(name));
	}
}

/** What is asked of a parameter. */
type Named = Pick<ParameterInfo, 'name' | 'type' | 'default'>;

/** Writes a value with other texts in place of its secrets; every part once, however often it is used. */
class Replacing {
	readonly #known = {
		open: new Map<ValueMeaning, Map<TypeSpec, Value>>(),
		secret: new Map<ValueMeaning, Map<TypeSpec, Value>>(),
	};

	constructor(
		readonly macros: Set<MergedBinding>,
		readonly change: (leaf: StringValue) => Value,
	) {}

	/** The same object where there are none. `isSecret` says that a name on the way here calls texts secrets. */
	replaced(meaning: ValueMeaning, type: TypeSpec, isSecret: boolean): Value {
		const known = isSecret ? this.#known.secret : this.#known.open;
		const byType = known.get(meaning) ?? new Map<TypeSpec, Value>();
		known.set(meaning, byType);
		const value = byType.get(type) ?? this.#replace(meaning, type, isSecret);
		byType.set(type, value);
		return value;
	}

	#replace(meaning: ValueMeaning, type: TypeSpec, isSecret: boolean): Value {
		switch (meaning.is) {
			case 'plain': {
				const { value } = meaning;
				const isNamed =
					value.type === 'string' && (isSecret || (value.from !== undefined && isSecretName(value.from.name)));
				return isNamed && value.value !== '' && isFree(type) ? this.change(value) : value;
			}
			case 'macro': {
				if (isSecret) {
					this.macros.add(meaning.bound);
				}
				// A macro that holds a secret is written out, so that it need not be recorded itself.
				const written = this.replaced(meaning.stands, type, isSecret || this.macros.has(meaning.bound));
				return written === meaning.stands.value ? meaning.value : written;
			}
			case 'sequence': {
				const { value } = meaning;
				const items = meaning.items.map((item, at) => this.replaced(item, itemType(type, at, value), isSecret));
				return items.every((item, at) => item === value.items[at]) ? value : { ...value, items };
			}
			case 'dict': {
				const { value } = meaning;
				const entries = meaning.entries.map(([{ value: key }, entry]) => {
					const name = key.type === 'string' ? key.value : '';
					return [key, this.replaced(entry, entryType(type, name, value), isSecret || isSecretName(name))] as const;
				});
				return entries.every(([, entry], at) => entry === value.entries[at]![1]) ? value : { ...value, entries };
			}
			default:
				return meaning.value;
		}
	}
}

/** Whether any text may stand where a value of this type is wanted: a choice and the name of a component are no secrets. */
export function isFree(type: TypeSpec): boolean {
	return optionsOf(type).some((option) => option.type === 'string' || option.type === 'any');
}

/** Whether a value is the parameter's default: everybody knows it from the code. */
export function isDefault(value: Value, { default: fallback, type }: Named): boolean {
	return fallback !== undefined && reprValue(fromPlain(fallback, type), true) === reprValue(value, true);
}
