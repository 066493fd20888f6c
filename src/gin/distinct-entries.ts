import type { DictValue, Span, Value } from './ast.ts';
import { Failure } from './problems.ts';
import { keyIdentity } from './values.ts';

/**
 * The entries of a dict, one per key: the last value of a key wins, the first spelling of the key stays. Throws a Failure
 * for a key that Python cannot use as one; `span` is that of the dict.
 */
export function distinctEntries(
	entries: ReadonlyArray<readonly [Value, Value]>,
	span: Span,
): Pick<DictValue, 'entries' | 'dropped'> {
	const byKey = new Map<string, readonly [Value, Value]>();
	const dropped: Value[] = [];
	for (const [key, value] of entries) {
		const identity = keyIdentity(key);
		if (identity === undefined) {
			throw unhashable(key, key.span ?? span);
		}
		const earlier = byKey.get(identity);
		if (earlier !== undefined) {
			dropped.push(earlier[1]);
		}
		byKey.set(identity, [earlier?.[0] ?? key, value]);
	}
	return dropped.length === 0 ? { entries } : { entries: [...byKey.values()], dropped };
}

function unhashable(key: Value, { start, end }: Span): Failure {
	const type = unhashableType(key);
	const message = `a ${type} cannot be the key of a dict: unhashable type: '${type}'`;
	return new Failure('unhashable_key', message, start, end, 'TypeError');
}

function unhashableType(value: Value): string {
	const inner = value.type === 'tuple' ? value.items.find((item) => keyIdentity(item) === undefined) : undefined;
	return inner === undefined ? value.type : unhashableType(inner);
}
