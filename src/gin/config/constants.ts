import { type Datum, required } from './data.ts';
import { GinError } from './gin-error.ts';
import { isSelector, quoteList } from './selector-map.ts';
import type { State } from './state.ts';

/** Makes `%name` (or any unique suffix of it) stand for a value, which is handed out uncopied. */
export function addConstant(state: State, name: string, value: Datum): void {
	if (!isSelector(name)) {
		throw new GinError('bad_constant_name', 'ValueError', `Invalid constant selector '${name}'.`);
	}
	const existing = state.constants.matching(name);
	if (!state.isInteractive && existing.length > 0) {
		const message = `Constants matching selector '${name}' already exist (${quoteList(existing)}).`;
		throw new GinError('duplicate_constant', 'ValueError', message);
	}
	state.constants.set(name, value);
}

/** Drops bindings, imports, singletons and the record of calls, and unlocks; constants only if asked. */
export function clear(state: State, clearConstants: boolean): void {
	state.isLocked = false;
	state.config.clear();
	state.singletons.clear();
	const kept: Array<[string, Datum]> = clearConstants ? [['gin.REQUIRED', required]] : [...state.constants.entries()];
	state.constants.clear();
	for (const [name, value] of kept) {
		addConstant(state, name, value);
	}
	state.imports.length = 0;
	state.operative.clear();
}
