import { type CallArguments, type Datum, required } from './data.ts';
import { GinError } from './gin-error.ts';

/** One parameter; one without a default must be given. `required` as default means that gin or the caller must give it. */
export interface Parameter {
	readonly name: string;
	readonly default?: Datum | undefined;
	/** Never given by position. */
	readonly isKeywordOnly?: boolean;
}

/** What a function takes. */
export interface Signature {
	readonly parameters: readonly Parameter[];
	/** The name that collects further positional arguments. */
	readonly rest?: string | undefined;
	/** The name that collects further named arguments. */
	readonly keywords?: string | undefined;
	/** A constructor: `self` counts as a parameter name, and the caller passes it. */
	readonly hasSelf?: boolean | undefined;
}

/** Arguments matched to parameters. */
export interface Bound {
	/** Every parameter in order, then the further named arguments. */
	readonly named: ReadonlyMap<string, Datum>;
	readonly rest: readonly Datum[];
}

/** Whether binding this name can make sense. */
export function mightHaveParameter(signature: Signature, name: string): boolean {
	return (
		signature.keywords !== undefined ||
		(signature.hasSelf === true && name === 'self') ||
		signature.parameters.some((parameter) => parameter.name === name)
	);
}

/** The parameters that can be given by position, in order. */
export function positionalNames({ parameters }: Signature): string[] {
	return parameters.filter(({ isKeywordOnly }) => !isKeywordOnly).map(({ name }) => name);
}

/** Names in the order of the signature, unknown ones last. */
export function inSignatureOrder({ parameters }: Signature, names: readonly string[]): string[] {
	const known = parameters.map(({ name }) => name).filter((name) => names.includes(name));
	return [...known, ...names.filter((name) => !known.includes(name))];
}

/** Matches arguments to parameters as a Python call does. */
export function bindArguments(name: string, signature: Signature, { positional, named }: CallArguments): Bound {
	const slots = positionalNames(signature);
	const taken = new Map(slots.slice(0, positional.length).map((slot, index) => [slot, positional[index]!]));
	if (positional.length > slots.length && signature.rest === undefined) {
		throw new GinError(
			'call_arguments',
			'TypeError',
			`${name}() takes ${slots.length} positional argument${slots.length === 1 ? '' : 's'} but ${positional.length} were given`,
		);
	}
	const extra = new Map<string, Datum>();
	for (const [key, value] of named) {
		if (taken.has(key)) {
			throw new GinError('call_arguments', 'TypeError', `${name}() got multiple values for argument '${key}'`);
		}
		if (signature.parameters.some((parameter) => parameter.name === key)) {
			taken.set(key, value);
		} else if (signature.keywords === undefined) {
			throw new GinError('call_arguments', 'TypeError', `${name}() got an unexpected keyword argument '${key}'`);
		} else {
			extra.set(key, value);
		}
	}
	return { named: new Map([...filled(name, signature, taken), ...extra]), rest: positional.slice(slots.length) };
}

/** The defaults, those of required parameters included. */
export function defaultsOf({ parameters }: Signature): Map<string, Datum> {
	return new Map(
		parameters.flatMap((parameter) => (parameter.default === undefined ? [] : [[parameter.name, parameter.default]])),
	);
}

/** The names whose default is `required`. */
export function requiredNames(signature: Signature): string[] {
	return [...defaultsOf(signature)].filter(([, value]) => value === required).map(([name]) => name);
}

function filled(name: string, { parameters }: Signature, taken: ReadonlyMap<string, Datum>): Map<string, Datum> {
	const values = new Map<string, Datum>();
	const missing: string[] = [];
	const missingKeywordOnly: string[] = [];
	for (const parameter of parameters) {
		const value = taken.get(parameter.name) ?? parameter.default;
		if (value === undefined) {
			(parameter.isKeywordOnly ? missingKeywordOnly : missing).push(parameter.name);
		} else {
			values.set(parameter.name, value);
		}
	}
	complain(name, missing, 'positional');
	complain(name, missingKeywordOnly, 'keyword-only');
	return values;
}

function complain(name: string, missing: readonly string[], kind: string): void {
	if (missing.length > 0) {
		const plural = missing.length === 1 ? '' : 's';
		const message = `${name}() missing ${missing.length} required ${kind} argument${plural}: ${enumerate(missing)}`;
		throw new GinError('missing_argument', 'TypeError', message);
	}
}

function enumerate(names: readonly string[]): string {
	const quoted = names.map((name) => `'${name}'`);
	const last = quoted.pop()!;
	return quoted.length === 0 ? last : `${quoted.join(', ')}${quoted.length > 1 ? ',' : ''} and ${last}`;
}
