import type { Value } from '../gin/ast.ts';
import type { PlainValue } from './catalog.ts';
import type { TypeSpec } from './type-spec.ts';

/** A plain value as a config value; `type` decides whether 1 is an integer or a float, a list or a tuple. */
export function fromPlain(value: PlainValue, type: TypeSpec = { type: 'any' }): Value {
	if (value === null) {
		return { type: 'none' };
	}
	switch (typeof value) {
		case 'boolean':
			return { type: 'bool', value };
		case 'string':
			return { type: 'string', value };
		case 'number':
			return { type: isFloat(value, type) ? 'float' : 'int', value };
		default:
			return isArray(value) ? fromArray(value, type) : fromObject(value, type);
	}
}

/** The option of a type that a value of this shape belongs to: for a list, the list or tuple of a union. */
export function partFor(type: TypeSpec, value: Value['type']): TypeSpec {
	if (type.type !== 'union') {
		return type;
	}
	const wanted =
		value === 'list' || value === 'tuple' ? ['list', 'tuple'] : value === 'dict' ? ['dict', 'object'] : [value];
	return type.options.find((option) => wanted.includes(option.type)) ?? { type: 'any' };
}

/** The type of item `index` of a list or tuple. */
export function itemType(type: TypeSpec, index: number): TypeSpec {
	const part = partFor(type, 'list');
	if (part.type === 'list') {
		return part.item;
	}
	return part.type === 'tuple' ? (part.items[index] ?? part.rest ?? { type: 'any' }) : { type: 'any' };
}

/** The type of the entry `key` of a dict. */
export function entryType(type: TypeSpec, key: string): TypeSpec {
	const part = partFor(type, 'dict');
	if (part.type === 'dict') {
		return part.value;
	}
	const isField = part.type === 'object' && Object.hasOwn(part.fields, key);
	return isField ? part.fields[key]!.type : { type: 'any' };
}

function isFloat(value: number, type: TypeSpec): boolean {
	const options = type.type === 'union' ? type.options : [type];
	const takesInteger = options.some((option) => option.type === 'int');
	return !Number.isInteger(value) || (!takesInteger && options.some((option) => option.type === 'float'));
}

function fromArray(items: readonly PlainValue[], type: TypeSpec): Value {
	const isTuple = partFor(type, 'list').type === 'tuple';
	return {
		type: isTuple ? 'tuple' : 'list',
		items: items.map((item, index) => fromPlain(item, itemType(type, index))),
	};
}

function fromObject(object: { readonly [key: string]: PlainValue }, type: TypeSpec): Value {
	const entries = Object.entries(object).map(
		([key, value]) => [{ type: 'string', value: key }, fromPlain(value, entryType(type, key))] as const,
	);
	return { type: 'dict', entries };
}

function isArray(value: PlainValue): value is readonly PlainValue[] {
	return Array.isArray(value);
}
