import type { ComplexValue, FloatValue, IntValue, Span } from './ast.ts';

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

/**
 * The value of a number token, or of its negative; undefined for a whole number of more than `maxDigits` decimal digits.
 * Whole numbers have no negative zero, floats do.
 */
export function decodeNumber(
	token: string,
	isNegative: boolean,
	span: Span,
): IntValue | FloatValue | ComplexValue | undefined {
	const isShort = token.length <= 15;
	if (isShort && isDecimal(token)) {
		const value = Number(token);
		return { type: 'int', value: isNegative && value !== 0 ? -value : value, span };
	}
	const text = token.includes('_') ? token.replaceAll('_', '') : token;
	if (/[jJ]$/.test(text)) {
		const imaginary = Number(text.slice(0, -1));
		return { type: 'complex', real: isNegative ? -0 : 0, imaginary: isNegative ? -imaginary : imaginary, span };
	}
	if (/^0[xXbBoO]/.test(text)) {
		return whole(BigInt(text), isNegative, span);
	}
	if (/[.eE]/.test(text)) {
		const value = Number(text);
		return { type: 'float', value: isNegative ? -value : value, span };
	}
	return text.length > maxDigits ? undefined : whole(BigInt(text), isNegative, span);
}

function isDecimal(text: string): boolean {
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code < 48 || code > 57) {
			return false;
		}
	}
	return true;
}

// A whole number in its one form: a `number` while it is a safe integer, a `bigint` beyond.
function whole(magnitude: bigint, isNegative: boolean, span: Span): IntValue {
	const value = isNegative ? -magnitude : magnitude;
	const narrow = Number(value);
	return { type: 'int', value: Number.isSafeInteger(narrow) ? narrow : value, span };
}
