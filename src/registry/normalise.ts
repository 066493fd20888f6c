import type { ReferenceValue, Value } from '../gin/ast.ts';
import { keyIdentity } from '../gin/values.ts';
import { isSingleton, joinScope, type Lookup, singletonName } from './lookup.ts';
import { wanted } from './meaning.ts';
import { entryType, itemType } from './plain.ts';
import type { TypeSpec } from './type-spec.ts';

/**
 * The one form of all values that mean the same: macros replaced, names as references with complete names, tuples as
 * lists, numbers of float parameters as floats, dict entries sorted.
 */
export function normalise(value: Value, type: TypeSpec, lookup: Lookup): Value {
	return normalised(value, type, { lookup, macro: undefined, seen: [] });
}

interface Context {
	readonly lookup: Lookup;
	/** The macro that holds the value: what it calls runs in the scope of its name. */
	readonly macro: string | undefined;
	readonly seen: readonly string[];
}

function normalised(value: Value, type: TypeSpec, context: Context): Value {
	const { lookup } = context;
	switch (value.type) {
		case 'macro': {
			const path = joinScope(value.scope, value.name);
			const constant = lookup.constant(value);
			const stands = constant ?? lookup.macro(path)?.value;
			if (stands === undefined || context.seen.includes(path)) {
				return bare(value);
			}
			const macro = constant === undefined ? path : context.macro;
			return normalised(stands, type, { ...context, macro, seen: [...context.seen, path] });
		}
		case 'list':
		case 'tuple':
			return {
				type: 'list',
				items: value.items.map((item, index) => normalised(item, itemType(type, index), context)),
			};
		case 'dict': {
			const entries = value.entries.map(([key, entry]) => {
				const inner = entryType(type, key.type === 'string' ? key.value : '');
				return [normalised(key, { type: 'any' }, context), normalised(entry, inner, context)] as const;
			});
			const identity = (key: Value) => keyIdentity(key) ?? '';
			return { type: 'dict', entries: entries.toSorted(([a], [b]) => (identity(a) < identity(b) ? -1 : 1)) };
		}
		case 'int':
			return isFloat(type) ? { type: 'float', value: Number(value.value) } : bare(value);
		default:
			return componentForm(value, type, context) ?? bare(value);
	}
}

function componentForm(value: Value, type: TypeSpec, { lookup, macro }: Context): ReferenceValue | undefined {
	const asked = wanted(value, type, lookup.catalog);
	if (asked === undefined) {
		return undefined;
	}
	const { selector, evaluate } = asked;
	const name = lookup.catalog.complete(selector) ?? (isSingleton(selector) ? singletonName : selector);
	const scope = asked.scope === '' && evaluate ? (macro ?? '') : asked.scope;
	return { type: 'reference', scope, selector: name, evaluate };
}

function isFloat(type: TypeSpec): boolean {
	const options = type.type === 'union' ? type.options : [type];
	return options.some((option) => option.type === 'float') && !options.some((option) => option.type === 'int');
}

function bare<T extends Value>(value: T): T {
	const { span: _, ...rest } = value;
	return rest as T;
}
