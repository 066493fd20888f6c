import type { Value } from '../gin/ast.ts';
import type { PlainValue } from './catalog.ts';
import { anyType, type TypeSpec } from './type-spec.ts';

/** A plain value as a config value; `type` decides whether 1 is an integer or a float, a list or a tuple. */
export function fromPlain(value: PlainValue, type: TypeSpec = anyType): Value {
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

/** The type of item `index` of a list or tuple; where several may be meant, of the one that `whole` fits. */
export function itemType(type: TypeSpec, index: number, whole?: Value): TypeSpec {
	const part = optionFor(type, ['list', 'tuple'], whole);
	if (part.type === 'list') {
		return part.item;
	}
	return part.type === 'tuple' ? (part.items[index] ?? part.rest ?? anyType) : anyType;
}

/** The type of the entry `key` of a dict. */
export function entryType(type: TypeSpec, key: string, whole?: Value): TypeSpec {
	const part = optionFor(type, ['dict', 'object'], whole);
	if (part.type === 'dict') {
		return part.value;
	}
	const isField = part.type === 'object' && Object.hasOwn(part.fields, key);
	return isField ? part.fields[key]!.type : anyType;
}

function optionFor(type: TypeSpec, shapes: ReadonlyArray<TypeSpec['type']>, whole: Value | undefined): TypeSpec {
	if (type.type !== 'union') {
		return type;
	}
	const options = type.options.filter((option) => shapes.includes(option.type));
	const fitting = options.length < 2 || whole === undefined ? undefined : options.find((one) => mayFit(whole, one));
	return fitting ?? options[0] ?? anyType;
}

// By form alone: ranges, names and what macros stand for are nobody's choice.
function mayFit(value: Value, type: TypeSpec): boolean {
	if (value.type === 'macro' || value.type === 'reference' || type.type === 'any') {
		return true;
	}
	switch (type.type) {
		case 'union':
			return type.options.some((option) => mayFit(value, option));
		case 'component':
			return value.type === 'string';
		case 'choice':
			return 'value' in value && type.values.some((legal) => legal === value.value);
		case 'float':
			return value.type === 'int' || value.type === 'float';
		case 'list':
		case 'tuple':
			return 'items' in value && value.items.every((item, index) => mayFit(item, itemType(type, index)));
		case 'dict':
		case 'object':
			return (
				value.type === 'dict' &&
				value.entries.every(([key, entry]) => mayFit(entry, entryType(type, key.type === 'string' ? key.value : '')))
			);
		default:
			return value.type === type.type;
	}
}

function isFloat(value: number, type: TypeSpec): boolean {
	const options = type.type === 'union' ? type.options : [type];
	const takesInteger = options.some((option) => option.type === 'int');
	return !Number.isInteger(value) || (!takesInteger && options.some((option) => option.type === 'float'));
}

function fromArray(items: readonly PlainValue[], type: TypeSpec): Value {
	const isTuple = optionFor(type, ['list', 'tuple'], undefined).type === 'tuple';
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
