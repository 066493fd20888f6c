/** Freezes arrays and plain objects to the bottom, so that one component cannot change what another one gets. */
export function deepFreeze<T>(value: T): T {
	if (Array.isArray(value)) {
		for (const item of value) {
			deepFreeze(item);
		}
		return Object.freeze(value);
	}
	if (isPlainObject(value)) {
		for (const entry of Object.values(value)) {
			deepFreeze(entry);
		}
		return Object.freeze(value);
	}
	return value;
}

function isPlainObject(value: unknown): value is object {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const prototype = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}
