import type { BytesValue, StringValue } from './ast.ts';
import { unicodeCharacter } from './unicode-names.ts';

/** A string that is not closed on its line. */
export const unclosed = -1;
/** A string of several lines that is not closed before the end of the text. */
export const endless = -2;

/** A string that is continued by a backslash at the end of a line, and then not closed. */
export const unclosedLater = -3;

const backslash = 92;

/** The offset behind the string literal whose first quote is at `offset`, or `unclosed`, `unclosedLater`, `endless`. */
export function stringEnd(text: string, offset: number): number {
	const quote = text.charCodeAt(offset);
	if (text.charCodeAt(offset + 1) === quote && text.charCodeAt(offset + 2) === quote) {
		return tripleEnd(text, offset + 3, quote);
	}
	let ifUnclosed = unclosed;
	for (let at = offset + 1; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === quote) {
			return at + 1;
		}
		if (code === 10) {
			return ifUnclosed;
		}
		if (code === backslash) {
			at += text.charCodeAt(at + 1) === 13 && text.charCodeAt(at + 2) === 10 ? 2 : 1;
			if (text.charCodeAt(at) === 10) {
				ifUnclosed = unclosedLater;
				if (at === text.length - 1) {
					return endless;
				}
			}
		}
	}
	return ifUnclosed;
}

function tripleEnd(text: string, offset: number, quote: number): number {
	for (let at = offset; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === backslash) {
			at++;
		} else if (code === quote && text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote) {
			return at + 3;
		}
	}
	return endless;
}

/** Whether a name directly before a quote belongs to the string. */
export function isStringPrefix(text: string): boolean {
	switch (text.toLowerCase()) {
		case 'r':
		case 'u':
		case 'b':
		case 'f':
		case 'br':
		case 'rb':
		case 'fr':
		case 'rf':
			return true;
		default:
			return false;
	}
}

/** The value of the string token at `start` to `end`, or a sentence saying what Python refuses in it. */
export function decodeString(
	text: string,
	start: number,
	end: number,
): StringValue | BytesValue | { readonly type: 'error'; readonly message: string } {
	let quoteAt = start;
	while (text.charCodeAt(quoteAt) !== 39 && text.charCodeAt(quoteAt) !== 34) {
		quoteAt++;
	}
	const quote = text.charCodeAt(quoteAt);
	const isTriple =
		end >= quoteAt + 6 && text.charCodeAt(quoteAt + 1) === quote && text.charCodeAt(quoteAt + 2) === quote;
	const quotes = isTriple ? 3 : 1;
	const body = text.slice(quoteAt + quotes, end - quotes);
	if (quoteAt === start && !body.includes('\\') && !body.includes('\r') && !body.includes('\0')) {
		return { type: 'string', value: body };
	}
	return decodeBody(body, text.slice(start, quoteAt).toLowerCase(), isTriple);
}

function decodeBody(written: string, prefix: string, isTriple: boolean): ReturnType<typeof decodeString> {
	if (prefix.includes('f')) {
		return { type: 'error', message: 'format strings are not allowed; write a plain string' };
	}
	if (written.includes('\0')) {
		return { type: 'error', message: 'a string cannot hold a null character as it is; write \\0' };
	}
	const body = written.replaceAll(/\r\n?/g, '\n');
	if (!isTriple && /^(?:[^\\\n]|\\.|\\\n)*\n/.test(body)) {
		return { type: 'error', message: 'a string cannot hold a carriage return as it is; write \\r' };
	}
	const isBytes = prefix.includes('b');
	if (isBytes && /[^\0-\x7f]/.test(body)) {
		return {
			type: 'error',
			message: 'bytes can only hold ASCII characters; write others as \\x and two hexadecimal digits',
		};
	}
	const decoded = prefix.includes('r') ? body : readEscapes(body, isBytes);
	if (decoded instanceof BadEscape) {
		return { type: 'error', message: decoded.message };
	}
	if (isBytes) {
		return { type: 'bytes', value: Uint8Array.from(decoded, (character) => character.charCodeAt(0)) };
	}
	return { type: 'string', value: decoded };
}

class BadEscape {
	constructor(readonly message: string) {}
}

const simple = new Map([
	['\n', ''],
	['\\', '\\'],
	["'", "'"],
	['"', '"'],
	['a', '\x07'],
	['b', '\b'],
	['f', '\f'],
	['n', '\n'],
	['r', '\r'],
	['t', '\t'],
	['v', '\v'],
]);
const hexDigits = new Map([
	['x', 2],
	['u', 4],
	['U', 8],
]);
const octal = /[0-7]{1,3}/y;

function readEscapes(body: string, isBytes: boolean): string | BadEscape {
	let decoded = '';
	let done = 0;
	for (let at = body.indexOf('\\'); at !== -1; at = body.indexOf('\\', done)) {
		decoded += body.slice(done, at);
		const letter = body[at + 1]!;
		octal.lastIndex = at + 1;
		const digits = octal.exec(body)?.[0];
		if (digits !== undefined) {
			const code = Number.parseInt(digits, 8);
			decoded += String.fromCharCode(isBytes ? code & 0xff : code);
			done = at + 1 + digits.length;
			continue;
		}
		done = at + 2;
		const known = simple.get(letter);
		if (known !== undefined) {
			decoded += known;
		} else if (hexDigits.has(letter) && !(isBytes && letter !== 'x')) {
			const length = hexDigits.get(letter)!;
			const hex = body.slice(done, done + length);
			const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === length ? Number.parseInt(hex, 16) : Number.NaN;
			if (!(code <= 0x10ffff)) {
				return new BadEscape(`\\${letter} takes ${length} hexadecimal digits${length === 8 ? ' up to 0010ffff' : ''}`);
			}
			decoded += String.fromCodePoint(code);
			done += length;
		} else if (letter === 'N' && !isBytes) {
			const end = body[done] === '{' ? body.indexOf('}', done) : -1;
			const character = end === -1 ? undefined : unicodeCharacter(body.slice(done + 1, end));
			if (character === undefined) {
				return new BadEscape(
					'\\N takes the name of a character in braces, and this one is not known; write \\u and its code',
				);
			}
			decoded += character;
			done = end + 1;
		} else {
			decoded += `\\${letter}`;
		}
	}
	return decoded + body.slice(done);
}
