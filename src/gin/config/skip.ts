import { GinError } from './gin-error.ts';
import type { State } from './state.ts';

/** Whether unknown names are passed over: all of them, none, or those listed (spelled exactly so, without scope). */
export type SkipUnknown = boolean | ReadonlySet<string>;

/** Reads the option as gin accepts it: true, false, or a list or set of names. */
export function readSkipUnknown(option: unknown): SkipUnknown {
	if (typeof option === 'boolean') {
		return option;
	}
	if (Array.isArray(option) || option instanceof Set) {
		return new Set([...option].map(String));
	}
	throw new GinError('bad_skip_unknown', 'ValueError', `Invalid value for \`skip_unknown\`: ${String(option)}`);
}

/** Whether a selector is unknown and to be passed over. */
export function shouldSkip(state: State, selector: string, skip: SkipUnknown): boolean {
	if (skip === false || state.registry.matching(selector).length > 0) {
		return false;
	}
	return skip === true || skip.has(selector);
}

/** Whether imports that fail are passed over too. */
export function skipsImports(skip: SkipUnknown): boolean {
	return skip === true || (skip !== false && skip.size > 0);
}
