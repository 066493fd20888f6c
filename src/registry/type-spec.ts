import { type CallName, callForms } from '../gin/extension-calls.ts';

/** The type of a parameter as plain data: what a check, an index file and a reference page need to know of a schema. */
export type TypeSpec =
	| { readonly type: 'any' }
	| { readonly type: 'none' }
	| { readonly type: 'bool' }
	| ({ readonly type: 'int' | 'float' } & NumberRange)
	| { readonly type: 'string'; readonly min?: number; readonly max?: number; readonly pattern?: string }
	| { readonly type: 'choice'; readonly values: ReadonlyArray<string | number | boolean | null> }
	| { readonly type: 'list'; readonly item: TypeSpec; readonly min?: number; readonly max?: number }
	| { readonly type: 'tuple'; readonly items: readonly TypeSpec[]; readonly rest?: TypeSpec }
	| { readonly type: 'dict'; readonly value: TypeSpec }
	| { readonly type: 'object'; readonly fields: Readonly<Record<string, Field>> }
	| { readonly type: 'component'; readonly kind: string; readonly factory: boolean }
	/** Calls such as `per(…)`, whose values are of another type. */
	| { readonly type: 'call'; readonly names: readonly CallName[]; readonly of: TypeSpec }
	| { readonly type: 'union'; readonly options: readonly TypeSpec[] };

/** Takes everything. */
export const anyType: TypeSpec = { type: 'any' };

/** Bounds of a number. */
export interface NumberRange {
	readonly min?: number;
	readonly above?: number;
	readonly max?: number;
	readonly below?: number;
	readonly multipleOf?: number;
}

/** One entry of a dict with fixed keys. */
export interface Field {
	readonly type: TypeSpec;
	readonly required: boolean;
}

/** A type in words: `integer ≥ 1`, `list of integer ≥ 1`, `one of "a", "b"`, `a model`. */
export function describeType(type: TypeSpec): string {
	switch (type.type) {
		case 'any':
			return 'any value';
		case 'none':
			return 'None';
		case 'bool':
			return 'True or False';
		case 'int':
			return `integer${describeRange(type)}`;
		case 'float':
			return `number${describeRange(type)}`;
		case 'string':
			return `string${describeLength(type, 'character')}${type.pattern === undefined ? '' : ` matching ${type.pattern}`}`;
		case 'choice':
			return type.values.length === 1
				? showPlain(type.values[0]!)
				: `one of ${type.values.map((value) => showPlain(value)).join(', ')}`;
		case 'list':
			return `list of ${describeType(type.item)}${describeLength(type, 'item')}`;
		case 'tuple':
			return describeTuple(type.items, type.rest);
		case 'dict':
			return `dict of ${describeType(type.value)}`;
		case 'object':
			return `dict with ${Object.keys(type.fields).join(', ')}`;
		case 'component':
			return type.factory ? `a ${type.kind} to be called (@name)` : `a ${type.kind}`;
		case 'call':
			return type.names.map((name) => callForms[name]).join(' or ');
		case 'union':
			return type.options.map(describeType).join(' or ');
	}
}

/** A plain value as a config spells it. */
export function showPlain(value: string | number | boolean | null): string {
	if (value === null) {
		return 'None';
	}
	if (typeof value === 'boolean') {
		return value ? 'True' : 'False';
	}
	return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function describeRange({ min, above, max, below, multipleOf }: NumberRange): string {
	const bounds = [
		...(min === undefined ? [] : [`≥ ${min}`]),
		...(above === undefined ? [] : [`> ${above}`]),
		...(max === undefined ? [] : [`≤ ${max}`]),
		...(below === undefined ? [] : [`< ${below}`]),
		...(multipleOf === undefined ? [] : [`a multiple of ${multipleOf}`]),
	];
	return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function describeLength({ min, max }: { readonly min?: number; readonly max?: number }, unit: string): string {
	const count = (n: number) => `${n} ${unit}${n === 1 ? '' : 's'}`;
	if (min !== undefined && max !== undefined) {
		return min === max ? ` (exactly ${count(min)})` : ` (${min} to ${count(max)})`;
	}
	if (min !== undefined) {
		return ` (at least ${count(min)})`;
	}
	return max === undefined ? '' : ` (at most ${count(max)})`;
}

function describeTuple(items: readonly TypeSpec[], rest: TypeSpec | undefined): string {
	const shown = items.map(describeType);
	return `(${[...shown, ...(rest === undefined ? [] : [`${describeType(rest)} …`])].join(', ')})`;
}
