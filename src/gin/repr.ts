import type { Value } from './ast.ts';
import { sortedEntries } from './dict-order.ts';
import { floatText, partText } from './float-text.ts';
import { maxDigits } from './numbers.ts';

/** Texts of values already written, so that nested containers are not written again at every level. */
export type Written = Map<Value, string>;

/**
 * A value on one line, as Python writes it; dicts are sorted as `pprint` does.
 *
 * Without `extensions`, infinities, NaN and complex numbers with a real part come out as Python has them, which gin
 * cannot read back (see `isPrintable`). With `extensions` everything but NaN is written so that it can be read back.
 */
export function reprValue(value: Value, extensions = false, written: Written = new Map()): string {
	switch (value.type) {
		case 'none':
			return 'None';
		case 'bool':
			return value.value ? 'True' : 'False';
		case 'int':
			return intText(value.value);
		case 'float':
			return extensions && Math.abs(value.value) === Number.POSITIVE_INFINITY
				? `${value.value < 0 ? '-' : ''}1e999`
				: floatText(value.value);
		case 'complex':
			return complexText(value.real, value.imaginary, extensions);
		case 'string':
			return stringText(value.value);
		case 'bytes':
			return bytesText(value.value);
		case 'reference':
			return `@${scoped(value.scope, value.selector)}${value.evaluate ? '()' : ''}`;
		case 'macro':
			return `%${scoped(value.scope, value.name)}`;
		case 'env': {
			const fallback = value.fallback === undefined ? '' : `, ${reprValue(value.fallback, extensions, written)}`;
			return `env(${stringText(value.name)}${fallback})`;
		}
		case 'call':
			return `${value.name}(${value.args.map((one) => reprValue(one, extensions, written)).join(', ')})`;
	}
	let text = written.get(value);
	if (text === undefined) {
		text = containerText(value, extensions, written);
		written.set(value, text);
	}
	return text;
}

/** Whether what `reprValue` writes is read back as the same value. */
export function isPrintable(value: Value, extensions = false): boolean {
	switch (value.type) {
		case 'float':
			return extensions ? !Number.isNaN(value.value) : Number.isFinite(value.value);
		case 'complex':
			return extensions
				? isImaginary(value.real, value.imaginary)
				: Object.is(value.real, 0) && Number.isFinite(value.imaginary);
		case 'int':
			return extensions || typeof value.value === 'number' || String(value.value).length <= maxDigits;
		case 'list':
		case 'tuple':
			return value.items.every((item) => isPrintable(item, extensions));
		case 'dict':
			return value.entries.every(([key, entry]) => isPrintable(key, extensions) && isPrintable(entry, extensions));
		case 'env':
			return extensions && (value.fallback === undefined || isPrintable(value.fallback, true));
		case 'call':
			return extensions && value.args.every((one) => isPrintable(one, true));
		default:
			return true;
	}
}

/** A string as a Python literal: in single quotes unless it holds only such, invisible characters escaped. */
export function stringText(text: string): string {
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	const escaped = text.replaceAll(/[^\x20-\x7e]|[\\'"]/gu, (character) => escapeCharacter(character, quote));
	return `${quote}${escaped}${quote}`;
}

/** Bytes as a Python literal. */
export function bytesText(bytes: Uint8Array): string {
	const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	const escaped = text.replaceAll(/[^\x20-\x7e]|[\\'"]/g, (character) =>
		character > '\x7e' ? `\\x${character.charCodeAt(0).toString(16)}` : escapeCharacter(character, quote),
	);
	return `b${quote}${escaped}${quote}`;
}

function containerText(
	value: Extract<Value, { type: 'list' | 'tuple' | 'dict' }>,
	extensions: boolean,
	written: Written,
): string {
	if (value.type === 'dict') {
		const parts = sortedEntries(value.entries).map(
			([key, entry]) => `${reprValue(key, extensions, written)}: ${reprValue(entry, extensions, written)}`,
		);
		return `{${parts.join(', ')}}`;
	}
	const items = value.items.map((item) => reprValue(item, extensions, written));
	if (value.type === 'list') {
		return `[${items.join(', ')}]`;
	}
	return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
}

function intText(value: number | bigint): string {
	const text = String(value);
	if (text.length <= maxDigits || typeof value === 'number') {
		return text;
	}
	// Longer ones can only be read in another base.
	return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function complexText(real: number, imaginary: number, extensions: boolean): string {
	if (extensions && isImaginary(real, imaginary)) {
		const isNegative = Object.is(real, -0);
		const magnitude = isNegative ? -imaginary : imaginary;
		return `${isNegative ? '-' : ''}${Number.isFinite(magnitude) ? partText(magnitude) : '1e999'}j`;
	}
	if (Object.is(real, 0)) {
		return `${partText(imaginary)}j`;
	}
	const text = partText(imaginary);
	return `(${partText(real)}${text.startsWith('-') ? '' : '+'}${text}j)`;
}

// Whether some literal has this value: 2j has a real part of 0 and -2j one of -0.
function isImaginary(real: number, imaginary: number): boolean {
	const isPositive = imaginary > 0 || Object.is(imaginary, 0);
	return Object.is(real, 0) ? isPositive : Object.is(real, -0) && !isPositive && !Number.isNaN(imaginary);
}

const named = new Map([
	['\n', '\\n'],
	['\r', '\\r'],
	['\t', '\\t'],
	['\\', '\\\\'],
]);
const invisible = /[\p{C}\p{Z}]/u;

function escapeCharacter(character: string, quote: string): string {
	const name = named.get(character);
	if (name !== undefined) {
		return name;
	}
	if (character === "'" || character === '"') {
		return character === quote ? `\\${character}` : character;
	}
	if (!invisible.test(character)) {
		return character;
	}
	const code = character.codePointAt(0)!.toString(16);
	return code.length <= 2
		? `\\x${code.padStart(2, '0')}`
		: code.length <= 4
			? `\\u${code.padStart(4, '0')}`
			: `\\U${code.padStart(8, '0')}`;
}

function scoped(scope: string, name: string): string {
	return scope === '' ? name : `${scope}/${name}`;
}
