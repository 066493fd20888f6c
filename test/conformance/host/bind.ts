import type { Span } from '../../../src/gin/ast.ts';
import { type Cell, cellId } from '../../../src/gin/model/cells.ts';
import { isSelector } from '../../../src/gin/model/identifiers.ts';
import { splitScope } from '../../../src/gin/model/scopes.ts';
import type { Configurable } from './configurable.ts';
import type { Datum } from './data.ts';
import { ambiguousConstant, GinError } from './gin-error.ts';
import { lookUp, unknownConfigurable } from './resolve.ts';
import { mightHaveParameter } from './signature.ts';
import type { State } from './state.ts';

/** `scope/selector.parameter`, `%macro`, or the three parts. */
export type BindingKey = string | readonly [scope: string, selector: string, parameter: string];

/** A key whose configurable and parameter were found and may be bound. */
export interface CheckedKey extends Cell {
	readonly written: string;
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
export function bindChecked(state: State, { scope, selector, parameter }: Cell, value: Datum, origin?: Span): void {
	const cell = { scope, selector, parameter };
	state.config.set(cellId(cell), { ...cell, value, origin });
}

/** What a key is bound to, in exactly its scope and unevaluated; a constant of that name comes first. */
export function query(state: State, key: string): Datum {
	const constants = isSelector(key) ? state.constants.matching(key) : [];
	if (constants.length > 1) {
		throw ambiguousConstant(key, constants);
	}
	if (constants[0] !== undefined) {
		return state.constants.get(constants[0])!;
	}
	const { scope, selector, written, parameter } = checkKey(state, key);
	const values = state.config.exactly(selector, scope);
	if (values === undefined) {
		throw new GinError('query_unbound', 'ValueError', `Configurable '${written}' has no bound parameters.`);
	}
	const bound = values.get(parameter);
	if (bound === undefined) {
		const message = `Configurable '${written}' has no value bound for parameter '${parameter}'.`;
		throw new GinError('query_unbound', 'ValueError', message);
	}
	return bound.value;
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
	const [scope, name] = splitScope(key.startsWith('%') ? `${key.slice(1)}/macro.value` : key);
	const dot = name.lastIndexOf('.');
	// Without a dot, all of the name is the selector.
	return dot === -1 ? [scope, name, ''] : [scope, name.slice(0, dot), name.slice(dot + 1)];
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
