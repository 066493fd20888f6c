import { builtin } from '../../../src/gin/model/builtins.ts';
import { joinScope } from '../../../src/gin/model/scopes.ts';
import { bindChecked, type CheckedKey, checkKey } from './bind.ts';
import { type Datum, noArguments, required, visitData } from './data.ts';
import { GinError } from './gin-error.ts';
import { callableOf } from './invoke.ts';
import { configString } from './print.ts';
import { unknownReference } from './resolve.ts';
import type { Bound, State } from './state.ts';

/** Checks the whole config, applies what hooks bind, and locks it. */
export function finalize(state: State): void {
	if (state.isLocked) {
		throw new GinError('finalize_twice', 'RuntimeError', 'Finalize called twice (config already locked).');
	}
	checkMacros(state);
	checkUnknown(state);
	checkRequired(state);
	for (const [key, value] of hookBindings(state)) {
		bindChecked(state, key, value);
	}
	state.isLocked = true;
}

function checkMacros(state: State): void {
	// In a scope gin compares with another object, and so checks nothing.
	if (state.scope.length > 0) {
		return;
	}
	for (const { value } of state.bound()) {
		visitData(value, (datum) => {
			if (datum.type !== 'resolved' || datum.configurable.selector !== builtin.macro) {
				return;
			}
			const scope = datum.scopes.join('/');
			if (state.config.exactly(builtin.macro, scope) === undefined) {
				const written = [...datum.scopes, datum.selector].join('/');
				const message = `No bindings specified for '${written}' in config string: \n${configString(state)}`;
				throw new GinError('macro_unbound', 'ValueError', message);
			}
			if (!datum.evaluate) {
				const written = [...datum.scopes, datum.selector].join('/');
				const message = `Reference '@${written}' must be evaluated (add '()') in config string: \n${configString(state)}.`;
				throw new GinError('macro_not_evaluated', 'ValueError', message);
			}
		});
	}
}

function checkUnknown(state: State): void {
	for (const bound of state.bound()) {
		const { value } = bound;
		visitData(value, (datum) => {
			if (datum.type === 'unknown') {
				throw unknownReference(datum.selector, datum.evaluate, ` In binding for '${keyText(state, bound)}'.`);
			}
		});
	}
}

function checkRequired(state: State): void {
	for (const bound of state.bound()) {
		const { value } = bound;
		if (value.type !== 'resolved' || value.configurable.selector !== builtin.constant) {
			continue;
		}
		if (callableOf(state, value.configurable, value.scopes).call(noArguments) === required) {
			const message = `${keyText(state, bound)} set to \`%gin.REQUIRED\` but not subsequently overridden.`;
			throw new GinError('required_not_overridden', 'ValueError', message);
		}
	}
}

function hookBindings(state: State): Map<CheckedKey, Datum> {
	const bindings = new Map<CheckedKey, Datum>();
	const seen = new Set<string>();
	for (const hook of state.hooks) {
		for (const [key, value] of hook() ?? []) {
			const checked = checkKey(state, key);
			// Gin compares the spelling too.
			const identity = [checked.scope, checked.written, checked.selector, checked.parameter].join(' ');
			if (seen.has(identity)) {
				throw new GinError('hook_conflict', 'ValueError', `Received conflicting updates for ${key}.`);
			}
			seen.add(identity);
			bindings.set(checked, value);
		}
	}
	return bindings;
}

function keyText(state: State, { scope, selector, parameter }: Bound): string {
	return joinScope(scope, `${state.registry.minimal(selector)}.${parameter}`);
}
