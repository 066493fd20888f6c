const names = new Map<number, string>([
	[Number.NaN, 'nan'],
	[Number.POSITIVE_INFINITY, 'inf'],
	[Number.NEGATIVE_INFINITY, '-inf'],
]);
const numbers: Readonly<Record<string, number>> = {
	nan: Number.NaN,
	inf: Number.POSITIVE_INFINITY,
	'-inf': Number.NEGATIVE_INFINITY,
	'-0': -0,
};

/** A copy of JSON data in which the numbers that JSON lacks (NaN, infinities, −0) are written `{"number": "nan"}`. */
export function encodeNumbers(value: unknown): unknown {
	if (typeof value === 'number') {
		const name = Object.is(value, -0) ? '-0' : names.get(value);
		return name === undefined ? value : { number: name };
	}
	return map(value, encodeNumbers);
}

/** Undoes `encodeNumbers`. */
export function decodeNumbers(value: unknown): unknown {
	if (typeof value === 'object' && value !== null && Object.keys(value).join() === 'number') {
		const special = numbers[String((value as { number: unknown }).number)];
		if (special !== undefined) {
			return special;
		}
	}
	return map(value, decodeNumbers);
}

function map(value: unknown, change: (value: unknown) => unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(change);
	}
	return typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, change(entry)]))
		: value;
}
