// A part may stand in a value many times over: it is looked at once.
const frozen = new WeakSet<object>();

/** Freezes arrays and plain objects to the bottom, so that one component cannot change what another one gets. */
export function deepFreeze<T>(value: T): T {
	if (typeof value !== 'object' || value === null || frozen.has(value)) {
		return value;
	}
	if (Array.isArray(value) || isPlain(value)) {
		for (const part of Array.isArray(value) ? value : Object.values(value)) {
			deepFreeze(part);
		}
		Object.freeze(value);
		frozen.add(value);
	}
	return value;
}

function isPlain(value: object): boolean {
	const prototype = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}
