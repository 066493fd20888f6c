import { type CallableDatum, type Datum, makeDict, none } from './data.ts';

/** A value as plain JavaScript: numbers, strings, arrays, Maps for dicts, Sets, functions for configurables, host objects as they are. */
export function datumToJs(datum: Datum): unknown {
	switch (datum.type) {
		case 'none':
			return null;
		case 'bool':
		case 'int':
		case 'float':
		case 'string':
		case 'bytes':
		case 'host':
			return datum.value;
		case 'list':
		case 'tuple':
			return datum.items.map(datumToJs);
		case 'set':
			return new Set(datum.items.map(datumToJs));
		case 'dict':
			return new Map(datum.entries.map(([key, value]) => [datumToJs(key), datumToJs(value)]));
		case 'callable':
			return (named: Readonly<Record<string, unknown>> = {}) => callWithJs(datum, named);
		case 'complex':
		case 'resolved':
		case 'unknown':
			throw new TypeError(`a value of type ${datum.type} has no plain JavaScript form`);
	}
}

/** Plain JavaScript as a value: whole numbers become ints, arrays lists, Maps and plain objects dicts, anything else a host object. */
export function datumFromJs(value: unknown): Datum {
	if (value === null || value === undefined) {
		return none;
	}
	switch (typeof value) {
		case 'boolean':
			return { type: 'bool', value };
		case 'number':
			return Number.isSafeInteger(value) && !Object.is(value, -0) ? { type: 'int', value } : { type: 'float', value };
		case 'bigint':
			return { type: 'int', value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
		case 'string':
			return { type: 'string', value };
	}
	if (value instanceof Uint8Array) {
		return { type: 'bytes', value };
	}
	if (Array.isArray(value)) {
		return { type: 'list', items: value.map(datumFromJs) };
	}
	if (value instanceof Set) {
		return { type: 'set', items: [...value].map(datumFromJs) };
	}
	const entries = value instanceof Map ? [...value] : isPlain(value) ? Object.entries(value) : undefined;
	return entries === undefined
		? { type: 'host', value }
		: makeDict(entries.map(([key, entry]) => [datumFromJs(key), datumFromJs(entry)]));
}

function callWithJs(callable: CallableDatum, named: Readonly<Record<string, unknown>>): unknown {
	const given = new Map(Object.entries(named).map(([name, value]) => [name, datumFromJs(value)]));
	return datumToJs(callable.call({ positional: [], named: given }));
}

function isPlain(value: unknown): value is object {
	const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
	return prototype === Object.prototype || prototype === null;
}
