import type { Span } from '../ast.ts';
import type { Configurable } from './configurable.ts';
import type { Datum } from './data.ts';
import { GinError } from './gin-error.ts';
import { lookUp, unknownConfigurable } from './resolve.ts';
import { isSelector, quoteList } from './selector-map.ts';
import { mightHaveParameter } from './signature.ts';
import { openSection, type State, sectionId } from './state.ts';

/** `scope/selector.parameter`, `%macro`, or the three parts. */
export type BindingKey = string | readonly [scope: string, selector: string, parameter: string];

/** A key whose configurable and parameter were found and may be bound. */
export interface CheckedKey {
	readonly scope: string;
	readonly written: string;
	readonly selector: string;
	readonly parameter: string;
}

/** Finds what a key means; throws if it means nothing that may be bound. */
export function checkKey(state: State, key: BindingKey): CheckedKey {
	const [scope, written, parameter] = typeof key === 'string' ? splitKey(key) : threeParts(key);
	const configurable = lookUp(state, written);
	if (configurable === undefined) {
		throw unknownConfigurable(written);
	}
	checkParameter(configurable, written, parameter);
	return { scope, written, selector: configurable.selector, parameter };
}

/** Binds a value; the last one bound counts. */
export function bind(state: State, key: BindingKey, value: Datum, origin?: Span): void {
	if (state.isLocked) {
		throw new GinError('locked', 'RuntimeError', 'Attempted to modify locked Gin config.');
	}
	bindChecked(state, checkKey(state, key), value, origin);
}

/** Binds under a key that has been checked before. */
export function bindChecked(
	state: State,
	{ scope, selector, parameter }: CheckedKey,
	value: Datum,
	origin?: Span,
): void {
	const section = openSection(state.config, scope, selector);
	section.values.set(parameter, value);
	if (origin === undefined) {
		section.origins.delete(parameter);
	} else {
		section.origins.set(parameter, origin);
	}
}

/** What a key is bound to, in exactly its scope and unevaluated; a constant of that name comes first. */
export function query(state: State, key: string): Datum {
	const constants = isSelector(key) ? state.constants.matching(key) : [];
	if (constants.length > 1) {
		const message = `Ambiguous constant selector '${key}', matches ${quoteList(constants)}.`;
		throw new GinError('ambiguous_constant', 'ValueError', message);
	}
	if (constants[0] !== undefined) {
		return state.constants.get(constants[0])!;
	}
	const { scope, selector, written, parameter } = checkKey(state, key);
	const section = state.config.get(sectionId(scope, selector));
	if (section === undefined) {
		throw new GinError('query_unbound', 'ValueError', `Configurable '${written}' has no bound parameters.`);
	}
	const value = section.values.get(parameter);
	if (value === undefined) {
		const message = `Configurable '${written}' has no value bound for parameter '${parameter}'.`;
		throw new GinError('query_unbound', 'ValueError', message);
	}
	return value;
}

function threeParts(key: unknown): Exclude<BindingKey, string> {
	if (!Array.isArray(key)) {
		throw new GinError('bad_binding_key', 'ValueError', `Invalid type for binding_key: ${typeof key}.`);
	}
	if (key.length !== 3) {
		throw new GinError('other', 'ValueError', `A binding key has three parts, not ${key.length}.`);
	}
	return key as unknown as Exclude<BindingKey, string>;
}

function splitKey(key: string): [scope: string, selector: string, parameter: string] {
	if (key === '') {
		throw new GinError('other', 'IndexError', 'The binding key is empty.');
	}
	if (key.startsWith('%') && key.endsWith('.value')) {
		throw new GinError('bad_binding_key', 'ValueError', `${key} is invalid cannot use % and end with .value`);
	}
	const text = key.startsWith('%') ? `${key.slice(1)}/macro.value` : key;
	const [scope, name] = splitLast(text, '/', 'after');
	const [selector, parameter] = splitLast(name, '.', 'before');
	return [scope, selector, parameter];
}

// Without the separator, all of the text is the part named.
function splitLast(text: string, separator: string, whole: 'before' | 'after'): [string, string] {
	const at = text.lastIndexOf(separator);
	if (at === -1) {
		return whole === 'before' ? [text, ''] : ['', text];
	}
	return [text.slice(0, at), text.slice(at + 1)];
}

function checkParameter(
	{ isMethod, selector, target, allowlist, denylist }: Configurable,
	written: string,
	name: string,
): void {
	if (isMethod && !written.includes('.')) {
		const owner = selector.split('.').at(-2);
		throw new GinError(
			'method_without_class',
			'ValueError',
			`Method '${written}' referenced without class name '${owner}'.`,
		);
	}
	if (!mightHaveParameter(target.signature, name)) {
		const message = `Configurable '${written}' doesn't have a parameter named '${name}'.`;
		throw new GinError('unknown_parameter', 'ValueError', message);
	}
	if (allowlist.length > 0 && !allowlist.includes(name)) {
		const message = `Configurable '${written}' doesn't include kwarg '${name}' in its allowlist.`;
		throw new GinError('not_in_allowlist', 'ValueError', message);
	}
	if (denylist.includes(name)) {
		throw new GinError('in_denylist', 'ValueError', `Configurable '${written}' has denylisted kwarg '${name}'.`);
	}
}
