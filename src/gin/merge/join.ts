import type { Value } from '../ast.ts';
import { keyIdentity } from '../values.ts';

/** What `earlier |= later` gives: the entries of both dicts (the later one's win) or both lists end to end; undefined if neither fits. */
export function joinValues(earlier: Value, later: Value): Value | undefined {
	return canJoin(earlier, later) ? joinAll([earlier, later]) : undefined;
}

/** Whether `earlier |= later` has a meaning. */
export function canJoin(earlier: Value, later: Value): boolean {
	return (earlier.type === 'dict' && later.type === 'dict') || (isSequence(earlier) && isSequence(later));
}

/** Several values that can be joined, as one of the first one's type. */
export function joinAll(parts: readonly Value[]): Value {
	const first = parts[0]!;
	const span = parts.at(-1)?.span;
	if (first.type === 'list' || first.type === 'tuple') {
		return { type: first.type, items: parts.flatMap((part) => (isSequence(part) ? part.items : [])), span };
	}
	const merged = new Map<string | undefined, readonly [Value, Value]>();
	for (const [key, value] of parts.flatMap((part) => (part.type === 'dict' ? part.entries : []))) {
		merged.set(keyIdentity(key), [key, value]);
	}
	return { type: 'dict', entries: [...merged.values()], span };
}

/** Whether a value may stand right of `|=`. */
export function isJoinable(value: Value): boolean {
	return value.type === 'dict' || isSequence(value);
}

function isSequence(value: Value): value is Extract<Value, { type: 'list' | 'tuple' }> {
	return value.type === 'list' || value.type === 'tuple';
}
