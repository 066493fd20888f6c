import type { Value } from '../../../src/gin/ast.ts';
import type { PlainValue } from '../../../src/registry/catalog.ts';
import type { Json } from '../case.ts';

/** An object that only code can make: itself and its name. */
export class Opaque {
	constructor(readonly label: string) {}
}

/** What a class of a case makes: its name and what its constructor received. */
export class Instance {
	constructor(
		readonly label: string,
		readonly params: ReadonlyMap<string, unknown>,
	) {}
}

/** Something that plain data cannot say, met while a value was decoded. */
export class NotPlain extends Error {}

/** A value of the format as JavaScript has it; undefined where it has none. */
export function decode(json: Json): unknown {
	if (json === null || typeof json !== 'object') {
		return json;
	}
	if (Array.isArray(json)) {
		return json.map(decode);
	}
	const [tag] = Object.keys(json);
	if (!tag?.startsWith('$') || Object.keys(json).length !== 1) {
		return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, decode(value)]));
	}
	const content = json[tag]!;
	switch (tag) {
		case '$tuple':
			return (content as Json[]).map(decode);
		case '$float':
			return numberOf(String(content));
		case '$int':
			return BigInt(String(content));
		case '$bytes':
			return Uint8Array.from(Buffer.from(String(content), 'hex'));
		case '$dict':
			return new Map((content as Array<[Json, Json]>).map(([key, value]) => [decode(key), decode(value)]));
		case '$opaque':
			return new Opaque(String(content));
		default:
			throw new NotPlain(tag);
	}
}

/** The same as plain data, for `bind`. */
export function plain(json: Json): PlainValue {
	const value = decode(json);
	const isPlain = (one: unknown): boolean =>
		one === null ||
		['boolean', 'string'].includes(typeof one) ||
		(typeof one === 'number' && Number.isFinite(one)) ||
		(Array.isArray(one) && one.every(isPlain)) ||
		(typeof one === 'object' && Object.getPrototypeOf(one) === Object.prototype && Object.values(one!).every(isPlain));
	if (!isPlain(value)) {
		throw new NotPlain(JSON.stringify(json));
	}
	return value as PlainValue;
}

/** What a component returned or received, in the format. */
export function encode(value: unknown, scopeOf: (instance: object) => string): Json {
	if (value === null || typeof value === 'boolean' || typeof value === 'string') {
		return value;
	}
	if (typeof value === 'number') {
		return { $float: String(value) };
	}
	if (typeof value === 'bigint') {
		return { $int: String(value) };
	}
	if (typeof value === 'function') {
		return { $callable: value.name.slice(value.name.lastIndexOf('/') + 1) };
	}
	if (Array.isArray(value)) {
		return value.map((item) => encode(item, scopeOf));
	}
	if (value instanceof Uint8Array) {
		return { $bytes: Buffer.from(value).toString('hex') };
	}
	if (value instanceof Opaque) {
		return { $opaque: value.label };
	}
	if (value instanceof Instance) {
		return { $instance: value.label, params: encode(value.params, scopeOf) };
	}
	const entries = value instanceof Map ? [...value] : Object.entries(value as object);
	const scope = value instanceof Map && 'isScoped' in value ? [['@scope', scopeOf(value)] as const] : [];
	return {
		$dict: [...entries, ...scope].map(([key, entry]): [Json, Json] => [encode(key, scopeOf), encode(entry, scopeOf)]),
	};
}

/** A value of the language, unevaluated, in the format. */
export function encodeValue(
	value: Value,
	constantOf: (name: string) => string | undefined,
	isKnown: (selector: string) => boolean,
): Json {
	const inner = (part: Value) => encodeValue(part, constantOf, isKnown);
	switch (value.type) {
		case 'none':
			return null;
		case 'bool':
		case 'string':
			return value.value;
		case 'int':
			return typeof value.value === 'bigint' ? { $int: String(value.value) } : value.value;
		case 'float':
			return { $float: Object.is(value.value, -0) ? '-0.0' : String(value.value) };
		case 'bytes':
			return { $bytes: Buffer.from(value.value).toString('hex') };
		case 'complex':
			return { $complex: `${value.real},${value.imaginary}` };
		case 'list':
			return value.items.map(inner);
		case 'tuple':
			return { $tuple: value.items.map(inner) };
		case 'dict':
			return { $dict: value.entries.map(([key, entry]) => [inner(key), inner(entry)]) };
		case 'reference':
			if (!isKnown(value.selector)) {
				return { $unknown_reference: `@${value.selector}${value.evaluate ? '()' : ''}` };
			}
			return { $reference: `@${path(value.scope, value.selector)}${value.evaluate ? '()' : ''}` };
		case 'macro':
			return { $reference: `%${constantOf(path(value.scope, value.name)) ?? path(value.scope, value.name)}` };
		case 'env':
		case 'call':
			throw new NotPlain('env');
	}
}

function path(scope: string, name: string): string {
	return scope === '' ? name : `${scope}/${name}`;
}

function numberOf(text: string): number {
	return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);
}
