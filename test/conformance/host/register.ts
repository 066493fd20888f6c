import { isIdentifier, isSelector } from '../../../src/gin/model/identifiers.ts';
import type { Configurable, Registration, Target } from './configurable.ts';
import { type Datum, required } from './data.ts';
import { GinError } from './gin-error.ts';
import { isRepresentable } from './representable.ts';
import { defaultsOf, mightHaveParameter, requiredNames } from './signature.ts';
import type { State } from './state.ts';

/** Registers a function or class; throws where gin refuses. */
export function register(state: State, target: Target, registration: Registration = {}): Configurable {
	if (state.isLocked) {
		throw new GinError(
			'locked_register',
			'RuntimeError',
			'Attempted to add a new configurable after the config was locked.',
		);
	}
	const { name, module, selector } = nameOf(target, registration);
	const known = state.registry.get(selector);
	if (!state.isInteractive && known !== undefined && known.target !== target) {
		throw new GinError(
			'duplicate_configurable',
			'ValueError',
			`A different configurable matching '${selector}' already exists.`,
		);
	}
	const { allowlist, denylist } = checkedLists(target, registration);
	checkRequired(name, target, allowlist, denylist);
	const configurable: Configurable = {
		name,
		module,
		selector,
		firstSelector: selector,
		target,
		allowlist,
		denylist,
		isMethod: registration.isMethod ?? false,
		shownDefaults: shownDefaults(state, target, allowlist, denylist),
		importSource: registration.importSource,
	};
	state.registry.set(selector, configurable);
	state.byTarget.set(target, configurable);
	return configurable;
}

/** Gives the methods registered before their class the selector `Class.method`. */
export function adoptMethods(state: State, owner: string, methods: readonly Target[]): void {
	for (const method of methods) {
		const known = state.byTarget.get(method);
		if (known === undefined) {
			continue;
		}
		if (known.module !== method.module && known.module !== owner) {
			throw new GinError(
				'other',
				'ValueError',
				`Method ${method.name} in class ${owner} was registered with a custom module (${known.module}), but the class is also being registered.`,
			);
		}
		const moved: Configurable = { ...known, module: owner, selector: `${owner}.${known.name}`, isMethod: true };
		state.renamed.set(known.selector, moved.selector);
		state.registry.delete(known.selector);
		state.registry.set(moved.selector, moved);
		state.byTarget.set(method, moved);
	}
}

function nameOf(
	target: Target,
	registration: Registration,
): { name: string; module: string | undefined; selector: string } {
	const name = registration.name ?? target.name;
	let { module } = registration;
	if (isIdentifier(name)) {
		module ??= target.module;
	} else if (!isSelector(name)) {
		throw new GinError('bad_name', 'ValueError', `Configurable name '${name}' is invalid.`);
	}
	if (module !== undefined && !isSelector(module)) {
		throw new GinError('bad_module', 'ValueError', `Module '${module}' is invalid.`);
	}
	return { name, module, selector: module ? `${module}.${name}` : name };
}

function checkedLists(
	target: Target,
	{ allowlist, denylist }: Registration,
): { allowlist: string[]; denylist: string[] } {
	if (isGiven(allowlist) && isGiven(denylist)) {
		throw new GinError('both_lists', 'ValueError', 'An allowlist or a denylist can be specified, but not both.');
	}
	return {
		allowlist: checkedList(target, allowlist, 'allowlist'),
		denylist: checkedList(target, denylist, 'denylist'),
	};
}

function checkedList(target: Target, list: unknown, title: string): string[] {
	if (!isGiven(list)) {
		return [];
	}
	if (!Array.isArray(list)) {
		throw new GinError('list_type', 'TypeError', `${title} should be a list or tuple.`);
	}
	for (const name of list) {
		if (!mightHaveParameter(target.signature, String(name))) {
			const message = `Argument '${name}' in ${title} not a parameter of '${target.name}'.`;
			throw new GinError('list_unknown_parameter', 'ValueError', message);
		}
	}
	return list.map(String);
}

// Python truth: an empty list counts as none given.
function isGiven(list: unknown): boolean {
	return Array.isArray(list)
		? list.length > 0
		: list !== undefined && list !== null && list !== '' && list !== false && list !== 0;
}

function checkRequired(name: string, target: Target, allowlist: readonly string[], denylist: readonly string[]): void {
	for (const parameter of requiredNames(target.signature)) {
		const reason = denylist.includes(parameter)
			? 'denylisted'
			: allowlist.length > 0 && !allowlist.includes(parameter)
				? 'not allowlisted'
				: undefined;
		if (reason !== undefined) {
			const message = `Argument '${parameter}' of '${name}' ('${target.name}') marked REQUIRED but ${reason}.`;
			throw new GinError('required_not_configurable', 'ValueError', message);
		}
	}
}

function shownDefaults(
	state: State,
	{ signature }: Target,
	allowlist: readonly string[],
	denylist: readonly string[],
): ReadonlyMap<string, Datum> {
	const shown = [...defaultsOf(signature)].filter(
		([name, value]) =>
			value !== required &&
			!denylist.includes(name) &&
			(allowlist.length === 0 || allowlist.includes(name)) &&
			isRepresentable(state, value),
	);
	return new Map(shown);
}
