import type { ComplexValue, FloatValue, IntValue } from './ast.ts';

// Python's grammar of numbers. A number such as 012 is none: it is read as 0 followed by 12.
const digits = '[0-9](?:_?[0-9])*';
const exponent = `[eE][-+]?${digits}`;
const float = String.raw`(?:${digits}\.(?:${digits})?|\.${digits})(?:${exponent})?|${digits}${exponent}`;
const number = new RegExp(
	`(?:${float}|${digits})[jJ]|${float}|0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?0)*|[1-9](?:_?[0-9])*`,
	'y',
);

/** Python reads no decimal whole number longer than this. */
export const maxDigits = 4300;

/** The offset behind the number that begins at `offset`. */
export function skipNumber(text: string, offset: number): number {
	let end = offset;
	let code = text.charCodeAt(end);
	const isPlain = code !== 48;
	while (code >= 48 && code <= 57) {
		code = text.charCodeAt(++end);
	}
	// Nothing that could go on a plain decimal number: no point, exponent, underscore or j.
	if (isPlain && end > offset && code !== 46 && code !== 95 && (code | 32) !== 101 && (code | 32) !== 106) {
		return end;
	}
	number.lastIndex = offset;
	return offset + number.exec(text)![0].length;
}

/** The value of a number token; undefined for a whole number of more than `maxDigits` decimal digits. */
export function decodeNumber(token: string): IntValue | FloatValue | ComplexValue | undefined {
	const text = token.includes('_') ? token.replaceAll('_', '') : token;
	if (/[jJ]$/.test(text)) {
		return { type: 'complex', real: 0, imaginary: Number(text.slice(0, -1)) };
	}
	if (/^0[xXbBoO]/.test(text)) {
		return whole(BigInt(text));
	}
	if (/[.eE]/.test(text)) {
		return { type: 'float', value: Number(text) };
	}
	if (text.length <= 15) {
		return { type: 'int', value: Number(text) };
	}
	return text.length > maxDigits ? undefined : whole(BigInt(text));
}

/** A whole number in its one form: a `number` while it is a safe integer, a `bigint` beyond. */
export function whole(value: bigint): IntValue {
	const narrow = Number(value);
	return { type: 'int', value: Number.isSafeInteger(narrow) ? narrow : value };
}
