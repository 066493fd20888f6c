import type { Value } from './ast.ts';
import { compareText } from './order.ts';

type Entry = readonly [key: Value, value: Value];

/** Dict entries in the order of Python's `pprint`: by key where keys compare, else by the name of their type. */
export function sortedEntries(entries: readonly Entry[]): readonly Entry[] {
	return entries.length < 2 ? entries : entries.toSorted(([a], [b]) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
}

function isBefore(a: Value, b: Value): boolean {
	return lessThan(a, b) ?? typeName(a) < typeName(b);
}

// Python's `<`; undefined where Python has none.
function lessThan(a: Value, b: Value): boolean | undefined {
	const number = numberOf(a);
	const other = numberOf(b);
	if (number !== undefined && other !== undefined) {
		return number < other;
	}
	if (a.type === 'string' && b.type === 'string') {
		return compareText(a.value, b.value) < 0;
	}
	if (a.type === 'bytes' && b.type === 'bytes') {
		return Buffer.compare(a.value, b.value) < 0;
	}
	return a.type === 'tuple' && b.type === 'tuple' ? tupleLessThan(a.items, b.items) : undefined;
}

function tupleLessThan(a: readonly Value[], b: readonly Value[]): boolean | undefined {
	for (let index = 0; index < Math.min(a.length, b.length); index++) {
		const less = lessThan(a[index]!, b[index]!);
		const greater = lessThan(b[index]!, a[index]!);
		if (less !== false || greater !== false) {
			return less;
		}
	}
	return a.length < b.length;
}

function numberOf(value: Value): number | bigint | undefined {
	switch (value.type) {
		case 'bool':
			return value.value ? 1 : 0;
		case 'int':
		case 'float':
			return value.value;
		default:
			return undefined;
	}
}

function typeName(value: Value): string {
	switch (value.type) {
		case 'none':
			return 'NoneType';
		case 'string':
			return 'str';
		case 'reference':
		case 'macro':
		case 'env':
		case 'call':
			return 'gin.config.ConfigurableReference';
		default:
			return value.type;
	}
}
