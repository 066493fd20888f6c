import type { BoolValue, BytesValue, ComplexValue, FloatValue, IntValue, NoneValue, Span, StringValue } from './ast.ts';
import { decodeNumber, maxDigits } from './numbers.ts';
import { Failure } from './problems.ts';
import { decodeString, stringEnd } from './strings.ts';

/** A value of one token, or of several strings next to each other. */
export type Literal = IntValue | FloatValue | ComplexValue | BoolValue | NoneValue | StringValue | BytesValue;

/** The value of a name: True, False, None and, with extensions, true, false, null. */
export function nameLiteral(name: string, extensions: boolean, span: Span): BoolValue | NoneValue | undefined {
	switch (name) {
		case 'True':
			return { type: 'bool', value: true, span };
		case 'False':
			return { type: 'bool', value: false, span };
		case 'None':
			return { type: 'none', span };
	}
	const python = extensions ? pythonSpelling(name) : undefined;
	return python === undefined ? undefined : nameLiteral(python, false, span);
}

/** How gin spells what other languages call true, false, null. */
export function pythonSpelling(name: string): string | undefined {
	switch (name) {
		case 'true':
			return 'True';
		case 'false':
			return 'False';
		case 'null':
			return 'None';
		default:
			return undefined;
	}
}

/** The value of a number token, or of its negative; throws a Failure if Python refuses it. */
export function numberLiteral(text: string, isNegative: boolean, span: Span): IntValue | FloatValue | ComplexValue {
	const value = decodeNumber(text, isNegative, span);
	if (value === undefined) {
		throw literalFailure(`a whole number may have at most ${maxDigits} digits`, span.start, span.end);
	}
	return value;
}

/** Adds one string token to the value of those directly before it; throws a Failure if Python refuses it. */
export function joinString(
	before: StringValue | BytesValue | undefined,
	text: string,
	start: number,
	end: number,
): StringValue | BytesValue {
	const part = decodeString(text, start, end);
	if (part.type === 'error') {
		throw literalFailure(part.message, start, end);
	}
	return before === undefined ? part : join(before, part, start, end);
}

/**
 * The value of adjacent string tokens as gin has it, where that is not the plain one: gin evaluates the tokens without
 * the blanks between them, so that '' before 'a' opens a triple quote. `offsets` are start, end, start, end …
 */
export function rejoinStrings(text: string, offsets: readonly number[]): StringValue | BytesValue | undefined {
	let together = '';
	let at: number | undefined;
	for (let index = 0; index < offsets.length; index += 2) {
		const part = text.slice(offsets[index], offsets[index + 1]);
		const isAmbiguous = (together.endsWith("''") && part[0] === "'") || (together.endsWith('""') && part[0] === '"');
		at ??= isAmbiguous ? index : undefined;
		together += part;
	}
	if (at === undefined) {
		return undefined;
	}
	// gin evaluates after each token, so what already fails at this one is an error however it would go on.
	const start = offsets[at]!;
	const end = offsets[at + 1]!;
	const upTo = offsets.reduce(
		(length, offset, index) => length + (index <= at + 1 ? (index % 2 === 0 ? -offset : offset) : 0),
		0,
	);
	readTogether(together.slice(0, upTo), start, end);
	return readTogether(together, start, end);
}

/** The failure for a literal that Python cannot evaluate. */
export function literalFailure(message: string, start: number, end: number): Failure {
	return new Failure('syntax.literal', message, start, end);
}

function join<T extends StringValue | BytesValue>(
	before: T,
	part: StringValue | BytesValue,
	start: number,
	end: number,
): T {
	if (before.type === 'string' && part.type === 'string') {
		return { type: 'string', value: before.value + part.value } as T;
	}
	if (before.type === 'bytes' && part.type === 'bytes') {
		return { type: 'bytes', value: Uint8Array.of(...before.value, ...part.value) } as T;
	}
	throw literalFailure('a string and bytes cannot be joined', start, end);
}

function readTogether(together: string, start: number, end: number): StringValue | BytesValue {
	let joined: StringValue | BytesValue | undefined;
	for (let offset = 0; offset < together.length; ) {
		const quoteAt = offset + together.slice(offset).search(/['"]/);
		const next = quoteAt < offset ? -1 : stringEnd(together, quoteAt);
		if (next < 0) {
			throw literalFailure(
				'an empty string directly before another opens a triple quote in gin; leave it out',
				start,
				end,
			);
		}
		joined = joinString(joined, together, offset, next);
		offset = next;
	}
	return joined!;
}
