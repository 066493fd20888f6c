import type { BytesValue, StringValue } from './ast.ts';
import { literalFailure } from './literals.ts';
import { decodeString, stringEnd } from './strings.ts';
import type { TokenReader } from './token-reader.ts';
import { token } from './tokens.ts';

/** Reads one string, or several next to each other as one; throws a Failure if Python refuses it. */
export function readStrings(reader: TokenReader): StringValue | BytesValue {
	const { lexer, text, source } = reader;
	const { start } = lexer;
	let { end } = lexer;
	const parts = new StringParts();
	parts.add(text, start, end);
	reader.advance();
	const offsets = [start, end];
	while (lexer.kind === token.string) {
		({ end } = lexer);
		parts.add(text, lexer.start, end);
		offsets.push(lexer.start, end);
		reader.advance();
	}
	const isJoined = offsets.length > 2 && !reader.extensions;
	const value = (isJoined ? rejoined(text, offsets) : undefined) ?? parts.value();
	const span = { source, start, end };
	return value.type === 'string'
		? { type: 'string', value: value.value, span }
		: { type: 'bytes', value: value.value, span };
}

// Joined at the end, once: each string onto those before it would take quadratic time.
class StringParts {
	#first: StringValue | BytesValue | undefined;
	readonly #others: Array<StringValue | BytesValue> = [];

	/** Takes the token at `start` to `end`; what is wrong with it is shown at `at`, if not there. */
	add(text: string, start: number, end: number, at: { start: number; end: number } | undefined = undefined): void {
		const part = decodeString(text, start, end);
		if (part.type === 'error') {
			throw literalFailure(part.message, at?.start ?? start, at?.end ?? end);
		}
		if (this.#first === undefined) {
			this.#first = part;
			return;
		}
		if (part.type !== this.#first.type) {
			throw literalFailure('a string and bytes cannot be joined', at?.start ?? start, at?.end ?? end);
		}
		this.#others.push(part);
	}

	value(): StringValue | BytesValue {
		const first = this.#first!;
		if (this.#others.length === 0) {
			return first;
		}
		const all = [first, ...this.#others];
		return first.type === 'string'
			? { type: 'string', value: all.map(({ value }) => value).join('') }
			: { type: 'bytes', value: new Uint8Array(Buffer.concat(all.map(({ value }) => value as Uint8Array))) };
	}
}

/**
 * The value of adjacent string tokens as gin has it, where that is not the plain one: gin evaluates the tokens without
 * the blanks between them, so that '' before 'a' opens a triple quote. `offsets` are start, end, start, end …
 */
function rejoined(text: string, offsets: readonly number[]): StringValue | BytesValue | undefined {
	const parts: string[] = [];
	let before = '';
	let at: number | undefined;
	let upTo = 0;
	for (let index = 0; index < offsets.length; index += 2) {
		const part = text.slice(offsets[index], offsets[index + 1]);
		const isAmbiguous = (before.endsWith("''") && part[0] === "'") || (before.endsWith('""') && part[0] === '"');
		at ??= isAmbiguous ? index : undefined;
		upTo += at === undefined || at === index ? part.length : 0;
		parts.push(part);
		before = part;
	}
	if (at === undefined) {
		return undefined;
	}
	// gin evaluates after each token, so what already fails at this one is an error however it would go on.
	const start = offsets[at]!;
	const end = offsets[at + 1]!;
	const together = parts.join('');
	readTogether(together.slice(0, upTo), start, end);
	return readTogether(together, start, end);
}

function readTogether(together: string, start: number, end: number): StringValue | BytesValue {
	const parts = new StringParts();
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
		parts.add(together, offset, next, { start, end });
		offset = next;
	}
	return parts.value();
}
