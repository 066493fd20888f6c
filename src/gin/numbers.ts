import type { ComplexValue, FloatValue, IntValue, Span } from './ast.ts';
import { isDigit } from './characters.ts';

/** Python reads no decimal whole number longer than this. */
export const maxDigits = 4300;

/** The offset behind the number that begins at `offset`: Python's grammar, where 012 is 0 followed by 12. */
export function skipNumber(text: string, offset: number): number {
	const isZero = text.charCodeAt(offset) === 48;
	const based = isZero ? basedEnd(text, offset) : offset;
	if (based > offset) {
		return based;
	}
	const whole = digitsEnd(text, offset);
	let end = whole;
	if (text.charCodeAt(end) === 46) {
		end = digitsEnd(text, end + 1);
	}
	end = exponentEnd(text, end);
	if ((text.charCodeAt(end) | 32) === 106) {
		return end + 1;
	}
	return end > whole || !isZero ? end : zerosEnd(text, offset);
}

// Digits with single underscores between them; `offset` itself where none stands there.
function digitsEnd(text: string, offset: number): number {
	let end = offset;
	for (;;) {
		const code = text.charCodeAt(end);
		if (isDigit(code)) {
			end++;
		} else if (code === 95 && end > offset && isDigit(text.charCodeAt(end + 1))) {
			end += 2;
		} else {
			return end;
		}
	}
}

function zerosEnd(text: string, offset: number): number {
	let end = offset + 1;
	for (;;) {
		const at = text.charCodeAt(end) === 95 ? end + 1 : end;
		if (text.charCodeAt(at) !== 48) {
			return end;
		}
		end = at + 1;
	}
}

function exponentEnd(text: string, offset: number): number {
	if ((text.charCodeAt(offset) | 32) !== 101) {
		return offset;
	}
	const sign = text.charCodeAt(offset + 1);
	const digits = sign === 43 || sign === 45 ? offset + 2 : offset + 1;
	const end = digitsEnd(text, digits);
	return end > digits ? end : offset;
}

// Where 0x, 0b or 0o and its digits end; `offset` where that is no such number.
function basedEnd(text: string, offset: number): number {
	const isOf = digitsOf.get(text.charCodeAt(offset + 1) | 32);
	let end = offset + 2;
	for (;;) {
		const at = text.charCodeAt(end) === 95 ? end + 1 : end;
		if (isOf === undefined || at >= text.length || !isOf(text.charCodeAt(at))) {
			return end > offset + 2 ? end : offset;
		}
		end = at + 1;
	}
}

// By the letter behind the 0: x, b, o.
const digitsOf = new Map<number, (code: number) => boolean>([
	[120, (code) => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102)],
	[98, (code) => code === 48 || code === 49],
	[111, (code) => code >= 48 && code <= 55],
]);

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
