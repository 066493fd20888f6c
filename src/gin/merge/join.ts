import type { Value } from '../ast.ts';
import { keyIdentity } from '../values.ts';

/** What `earlier |= later` gives: the entries of both dicts (the later one's win) or both lists end to end; undefined if neither fits. */
export function joinValues(earlier: Value, later: Value): Value | undefined {
	if (earlier.type === 'dict' && later.type === 'dict') {
		const merged = new Map<string | undefined, readonly [Value, Value]>();
		for (const [key, value] of [...earlier.entries, ...later.entries]) {
			merged.set(keyIdentity(key), [key, value]);
		}
		return { ...later, entries: [...merged.values()] };
	}
	if (isSequence(earlier) && isSequence(later)) {
		return { type: earlier.type, items: [...earlier.items, ...later.items], span: later.span };
	}
	return undefined;
}

/** Whether a value may stand right of `|=`. */
export function isJoinable(value: Value): boolean {
	return value.type === 'dict' || isSequence(value);
}

function isSequence(value: Value): value is Extract<Value, { type: 'list' | 'tuple' }> {
	return value.type === 'list' || value.type === 'tuple';
}
