import type { Json } from './case.ts';
import { type Datum, makeDict, none, required } from './host/data.ts';
import type { GinConfig } from './host/gin-config.ts';

/** An object of the host language: compared by identity, written by its label. */
export type Host =
	| { readonly kind: 'opaque'; readonly label: string }
	| { readonly kind: 'enum'; readonly label: string }
	| Instance;

/** An instance of a class, with what its constructor received. */
export interface Instance {
	readonly kind: 'instance';
	readonly label: string;
	readonly params: Map<string, Datum>;
	/** Calls a method by name. */
	readonly invoke: (method: string, call: Parameters<Extract<Datum, { type: 'callable' }>['call']>[0]) => Datum;
}

/** Reads the format's values; opaque objects of one label are one object. */
export class Decoder {
	readonly #opaque = new Map<string, Datum>();
	readonly #config: GinConfig;

	constructor(config: GinConfig) {
		this.#config = config;
	}

	decode(json: Json): Datum {
		if (json === null) {
			return none;
		}
		switch (typeof json) {
			case 'boolean':
				return { type: 'bool', value: json };
			case 'string':
				return { type: 'string', value: json };
			case 'number':
				return { type: Number.isInteger(json) ? 'int' : 'float', value: json };
		}
		if (Array.isArray(json)) {
			return { type: 'list', items: json.map((item) => this.decode(item)) };
		}
		const [tag] = Object.keys(json);
		if (tag?.startsWith('$') && Object.keys(json).length === 1) {
			return this.#tagged(tag, json[tag]!);
		}
		return makeDict(Object.entries(json).map(([key, value]) => [{ type: 'string', value: key }, this.decode(value)]));
	}

	#tagged(tag: string, content: Json): Datum {
		const items = () => (content as Json[]).map((item) => this.decode(item));
		switch (tag) {
			case '$tuple':
				return { type: 'tuple', items: items() };
			case '$set':
				return { type: 'set', items: items() };
			case '$float':
				return { type: 'float', value: pythonFloat(String(content)) };
			case '$int':
				return { type: 'int', value: BigInt(String(content)) };
			case '$bytes':
				return { type: 'bytes', value: Uint8Array.from(Buffer.from(String(content), 'hex')) };
			case '$complex':
				return pythonComplex(String(content));
			case '$dict':
				return makeDict((content as Array<[Json, Json]>).map(([key, value]) => [this.decode(key), this.decode(value)]));
			case '$required':
				return required;
			case '$configurable':
				return this.#config.getConfigurable(String(content));
			case '$opaque': {
				const label = String(content);
				const known = this.#opaque.get(label) ?? hostDatum({ kind: 'opaque', label });
				this.#opaque.set(label, known);
				return known;
			}
			default:
				throw new Error(`the case format has no value of kind ${tag}`);
		}
	}
}

/** Writes a value in the format. */
export function encode(datum: Datum): Json {
	switch (datum.type) {
		case 'none':
			return null;
		case 'bool':
		case 'string':
			return datum.value;
		case 'int':
			return typeof datum.value === 'bigint' ? { $int: String(datum.value) } : datum.value;
		case 'float':
			return Number.isInteger(datum.value) || !Number.isFinite(datum.value)
				? { $float: Object.is(datum.value, -0) ? '-0.0' : String(datum.value) }
				: datum.value;
		case 'bytes':
			return { $bytes: Buffer.from(datum.value).toString('hex') };
		case 'complex':
			return { $complex: `${datum.real},${datum.imaginary}` };
		case 'list':
			return datum.items.map(encode);
		case 'tuple':
			return { $tuple: datum.items.map(encode) };
		case 'set':
			return { $set: datum.items.map(encode) };
		case 'dict':
			return { $dict: datum.entries.map(([key, value]) => [encode(key), encode(value)]) };
		case 'callable':
			return { $callable: datum.configurable.selector };
		case 'unknown':
			return { $unknown_reference: `@${datum.selector}${datum.evaluate ? '()' : ''}` };
		case 'resolved': {
			const isMacro = datum.evaluate && ['gin.macro', 'gin.constant'].includes(datum.configurable.selector);
			const scoped = [...datum.scopes, ...(isMacro ? [] : [datum.selector])].join('/');
			return { $reference: isMacro ? `%${scoped}` : `@${scoped}${datum.evaluate ? '()' : ''}` };
		}
		case 'host':
			return datum === required ? { $required: true } : encodeHost(datum.value as Host);
	}
}

/** A host object as a value. */
export function hostDatum(value: Host): Datum {
	return { type: 'host', value, text: value.kind === 'opaque' ? `<Opaque ${value.label}>` : `<${value.label}>` };
}

/** A dict with string keys. */
export function record(entries: Iterable<readonly [string, Datum]>): Datum {
	return makeDict([...entries].map(([key, value]) => [{ type: 'string', value: key }, value]));
}

function encodeHost(host: Host): Json {
	switch (host.kind) {
		case 'opaque':
			return { $opaque: host.label };
		case 'enum':
			return { $enum: host.label };
		case 'instance':
			return { $instance: host.label, params: encode(record(host.params)) };
	}
}

function pythonFloat(text: string): number {
	const sign = text.startsWith('-') ? -1 : 1;
	return /^-?inf$/.test(text) ? sign * Infinity : text === 'nan' ? Number.NaN : Number(text);
}

function pythonComplex(text: string): Datum {
	const match = /^\(?(?:(-?[\d.e+-]*\d)(?=[+-]))?([+-]?[\d.]+(?:e[+-]?\d+)?)j\)?$/.exec(text);
	if (match === null) {
		throw new Error(`not a complex number: ${text}`);
	}
	return { type: 'complex', real: Number(match[1] ?? 0), imaginary: Number(match[2]) };
}
