import { bindChecked, type CheckedKey, checkKey } from './bind.ts';
import { type Datum, noArguments, required, visitData } from './data.ts';
import { GinError } from './gin-error.ts';
import { callableOf } from './invoke.ts';
import { configText } from './print.ts';
import { unknownReference } from './resolve.ts';
import { type Section, type State, sectionId } from './state.ts';

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
	eachValue(state, (_section, _name, value) => {
		visitData(value, (datum) => {
			if (datum.type !== 'resolved' || datum.configurable.selector !== 'gin.macro') {
				return;
			}
			const scope = datum.scopes.join('/');
			if (!state.config.has(sectionId(scope, 'gin.macro'))) {
				const written = [...datum.scopes, datum.selector].join('/');
				const message = `No bindings specified for '${written}' in config string: \n${configText(state, state.config)}`;
				throw new GinError('macro_unbound', 'ValueError', message);
			}
			if (!datum.evaluate) {
				const written = [...datum.scopes, datum.selector].join('/');
				const message = `Reference '@${written}' must be evaluated (add '()') in config string: \n${configText(state, state.config)}.`;
				throw new GinError('macro_not_evaluated', 'ValueError', message);
			}
		});
	});
}

function checkUnknown(state: State): void {
	eachValue(state, (section, name, value) => {
		visitData(value, (datum) => {
			if (datum.type === 'unknown') {
				throw unknownReference(datum.selector, datum.evaluate, ` In binding for '${keyText(state, section, name)}'.`);
			}
		});
	});
}

function checkRequired(state: State): void {
	eachValue(state, (section, name, value) => {
		if (value.type !== 'resolved' || value.configurable.selector !== 'gin.constant') {
			return;
		}
		if (callableOf(state, value.configurable, value.scopes).call(noArguments) === required) {
			const message = `${keyText(state, section, name)} set to \`%gin.REQUIRED\` but not subsequently overridden.`;
			throw new GinError('required_not_overridden', 'ValueError', message);
		}
	});
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

function eachValue(state: State, see: (section: Section, name: string, value: Datum) => void): void {
	for (const section of state.config.values()) {
		for (const [name, value] of section.values) {
			see(section, name, value);
		}
	}
}

function keyText(state: State, { scope, selector }: Section, name: string): string {
	return `${scope}${scope === '' ? '' : '/'}${state.registry.minimal(selector)}.${name}`;
}
