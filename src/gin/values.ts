import type { DictValue, Value } from './ast.ts';

/** A value as plain JavaScript: see `toJs`. */
export type JsValue =
	| null
	| boolean
	| number
	| bigint
	| string
	| Uint8Array
	| JsValue[]
	| { [key: string]: JsValue }
	| Map<JsValue, JsValue>;

/** What `toJs` asks for values that have no plain form: references, macros, calls and complex numbers. */
export type ToOther = (value: Value) => JsValue;

/**
 * The plain JavaScript form of a value: numbers (a bigint beyond 2^53), strings, booleans, null, arrays for lists and
 * tuples, an object without prototype for a dict whose keys are all strings and a Map for any other dict.
 * Throws a TypeError for references, macros, `env()` and complex numbers unless `other` converts them.
 */
export function toJs(value: Value, other: ToOther = refuse): JsValue {
	switch (value.type) {
		case 'none':
			return null;
		case 'bool':
		case 'int':
		case 'float':
		case 'string':
		case 'bytes':
			return value.value;
		case 'list':
		case 'tuple':
			return value.items.map((item) => toJs(item, other));
		case 'dict':
			return dictToJs(value, other);
		default:
			return other(value);
	}
}

/** Calls `see` with a value and everything in it, keys included, outermost first. */
export function visitValue(value: Value, see: (value: Value) => void): void {
	see(value);
	if (value.type === 'list' || value.type === 'tuple') {
		for (const item of value.items) {
			visitValue(item, see);
		}
	} else if (value.type === 'dict') {
		for (const [key, entry] of value.entries) {
			visitValue(key, see);
			visitValue(entry, see);
		}
	} else if (value.type === 'env' && value.fallback !== undefined) {
		visitValue(value.fallback, see);
	} else if (value.type === 'call') {
		for (const argument of value.args) {
			visitValue(argument, see);
		}
	}
}

/** A copy with every innermost value replaced by what `change` returns; the same object where nothing changed. */
export function mapValue(value: Value, change: (leaf: Value) => Value): Value {
	if (value.type === 'list' || value.type === 'tuple') {
		const items = value.items.map((item) => mapValue(item, change));
		return items.every((item, index) => item === value.items[index]) ? value : { ...value, items };
	}
	if (value.type === 'dict') {
		const entries = value.entries.map(([key, entry]) => [mapValue(key, change), mapValue(entry, change)] as const);
		const isSame = entries.every(([key, entry], index) => {
			const [oldKey, oldEntry] = value.entries[index]!;
			return key === oldKey && entry === oldEntry;
		});
		return isSame ? value : { ...value, entries };
	}
	return change(value);
}

/** One text per class of equal dict keys (Python equality: 1, True and 1.0 are one key); undefined if it cannot be a key. */
export function keyIdentity(value: Value): string | undefined {
	switch (value.type) {
		case 'none':
			return 'none';
		case 'bool':
			return `n${value.value ? 1 : 0}`;
		case 'int':
			return `n${value.value}`;
		case 'float':
			return numberIdentity(value.value);
		case 'complex':
			return value.imaginary === 0 ? numberIdentity(value.real) : `c${value.real},${value.imaginary}`;
		case 'string':
			return `s${value.value}`;
		case 'bytes':
			return `b${value.value.join()}`;
		case 'tuple':
			return tupleIdentity(value.items);
		case 'reference':
			return `@${value.scope}/${value.selector}${value.evaluate ? '()' : ''}`;
		case 'macro':
			return `%${value.scope}/${value.name}`;
		case 'env':
			return `$${value.name}`;
		default:
			return undefined;
	}
}

function numberIdentity(value: number): string {
	return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
}

function tupleIdentity(items: readonly Value[]): string | undefined {
	let text = `t${items.length}`;
	for (const item of items) {
		const identity = keyIdentity(item);
		if (identity === undefined) {
			return undefined;
		}
		// The length keeps ('a', 'b') and ('a,b',) apart.
		text += `,${identity.length}:${identity}`;
	}
	return text;
}

function dictToJs(value: DictValue, other: ToOther): JsValue {
	if (value.entries.every(([key]) => key.type === 'string')) {
		// No prototype: a key such as __proto__ is an ordinary key.
		const object = Object.create(null) as { [key: string]: JsValue };
		for (const [key, entry] of value.entries) {
			object[key.type === 'string' ? key.value : ''] = toJs(entry, other);
		}
		return object;
	}
	return new Map(value.entries.map(([key, entry]) => [toJs(key, other), toJs(entry, other)]));
}

function refuse(value: Value): never {
	throw new TypeError(`a value of type ${value.type} has no plain JavaScript form`);
}
