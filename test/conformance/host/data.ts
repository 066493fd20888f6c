import type {
	BoolValue,
	BytesValue,
	ComplexValue,
	FloatValue,
	IntValue,
	NoneValue,
	StringValue,
} from '../../../src/gin/ast.ts';
import { keyIdentity } from '../../../src/gin/values.ts';
import type { Configurable } from './configurable.ts';
import { GinError } from './gin-error.ts';

/** A list that functions may change: every call gets a copy of what is bound. */
export interface ListDatum {
	readonly type: 'list';
	readonly items: Datum[];
}

export interface TupleDatum {
	readonly type: 'tuple';
	readonly items: readonly Datum[];
}

/** One entry per key, by Python equality. */
export interface DictDatum {
	readonly type: 'dict';
	readonly entries: Array<readonly [key: Datum, value: Datum]>;
}

/** A Python set; no literal makes one, but code may bind one. */
export interface SetDatum {
	readonly type: 'set';
	readonly items: readonly Datum[];
}

/** A reference whose configurable was found when it was parsed; a macro or constant is one to `gin.macro` or `gin.constant`. */
export interface ResolvedReference {
	readonly type: 'resolved';
	readonly scopes: readonly string[];
	/** As written. */
	readonly selector: string;
	readonly evaluate: boolean;
	/** Changes only when dynamic registration replaces the configurable. */
	configurable: Configurable;
}

/** A reference that `skip_unknown` let pass. */
export interface UnknownReference {
	readonly type: 'unknown';
	readonly selector: string;
	readonly evaluate: boolean;
}

/** A configurable as a value: what an uncalled reference becomes. */
export interface CallableDatum {
	readonly type: 'callable';
	readonly configurable: Configurable;
	/** Replaces the active scope in calls; undefined leaves it. */
	readonly scopes: readonly string[] | undefined;
	readonly call: (call: CallArguments) => Datum;
}

/** Anything else: an object of the host language, handed on by identity. */
export interface HostDatum {
	readonly type: 'host';
	readonly value: unknown;
	/** How it prints where gin prints what cannot be read back: as the value of a macro. */
	readonly text?: string;
}

/** What functions receive and return. */
export type Datum =
	| NoneValue
	| BoolValue
	| IntValue
	| FloatValue
	| StringValue
	| BytesValue
	| ComplexValue
	| ListDatum
	| TupleDatum
	| DictDatum
	| SetDatum
	| ResolvedReference
	| UnknownReference
	| CallableDatum
	| HostDatum;

/** What a caller passes. */
export interface CallArguments {
	readonly positional: readonly Datum[];
	readonly named: ReadonlyMap<string, Datum>;
}

/** No arguments at all. */
export const noArguments: CallArguments = { positional: [], named: new Map() };

/** The marker for a value that must be bound. */
export const required: HostDatum = { type: 'host', value: Symbol('gin.REQUIRED') };

/** None. */
export const none: NoneValue = { type: 'none' };

/** Calls `see` with a value and everything in it but the keys of dicts, innermost first, as gin walks a config. */
export function visitData(datum: Datum, see: (datum: Datum) => void): void {
	if (datum.type === 'list' || datum.type === 'tuple' || datum.type === 'set') {
		for (const item of datum.items) {
			visitData(item, see);
		}
	} else if (datum.type === 'dict') {
		for (const [, value] of datum.entries) {
			visitData(value, see);
		}
	}
	see(datum);
}

/** A copy that shares nothing changeable; `leaf` says what stands in for references and other single values. */
export function copyDatum(datum: Datum, leaf: (datum: Datum) => Datum): Datum {
	switch (datum.type) {
		case 'list':
			return { type: 'list', items: datum.items.map((item) => copyDatum(item, leaf)) };
		case 'tuple':
			return { type: 'tuple', items: datum.items.map((item) => copyDatum(item, leaf)) };
		case 'set':
			return { type: 'set', items: datum.items.map((item) => copyDatum(item, leaf)) };
		case 'dict':
			return makeDict(datum.entries.map(([key, value]) => [copyDatum(key, leaf), copyDatum(value, leaf)]));
		default:
			return leaf(datum);
	}
}

/** A dict of entries in which a later one replaces the value, not the key, of an equal earlier one. */
export function makeDict(entries: ReadonlyArray<readonly [Datum, Datum]>): DictDatum {
	const merged = new Map<unknown, readonly [Datum, Datum]>();
	for (const [key, value] of entries) {
		const identity = datumIdentity(key);
		merged.set(identity, [merged.get(identity)?.[0] ?? key, value]);
	}
	return { type: 'dict', entries: [...merged.values()] };
}

function datumIdentity(key: Datum): unknown {
	switch (key.type) {
		case 'resolved':
			return `@${key.scopes.join('/')}/${key.selector}${key.evaluate}${key.configurable.selector}`;
		case 'host':
			return key.value;
		case 'callable':
			return key.configurable;
		case 'tuple':
			return tupleIdentity(key.items);
		case 'unknown':
			return key;
		case 'list':
		case 'dict':
		case 'set':
			throw new GinError('unhashable_key', 'TypeError', `unhashable type: '${key.type}'`);
		default:
			return keyIdentity(key);
	}
}

function tupleIdentity(items: readonly Datum[]): unknown {
	const parts = items.map(datumIdentity);
	return parts.every((part) => typeof part === 'string')
		? `t${parts.map((part) => `${part.length}:${part}`).join()}`
		: items;
}
