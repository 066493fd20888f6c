import type { Source } from './ast.ts';
import { endOfText, lineBreakLength, skipBlanks } from './blanks.ts';
import { isDigit, isNameStart, skipWord } from './characters.ts';
import { Comments } from './comments.ts';
import { Indentation, wrongDedent } from './indentation.ts';
import { skipNumber } from './numbers.ts';
import { Failure } from './problems.ts';
import { endless, isStringPrefix, stringEnd, unclosed } from './strings.ts';
import { operatorLength, token } from './tokens.ts';

const newline = 10;
const carriageReturn = 13;

/**
 * Python's tokenizer over one text, one token at a time: `next` moves on, `kind`, `start` and `end` describe the token.
 *
 * In a source of kind `bindings`, `#` outside brackets ends a line instead of beginning a comment.
 */
export class Lexer {
	kind: number = token.end;
	start = 0;
	end = 0;
	/** The end of the last token that was neither a line break nor indentation. */
	lastEnd = 0;
	/** Where the line of the token begins; not updated inside strings of several lines. */
	lineStart = 0;
	/** How many brackets are open. */
	depth = 0;
	readonly text: string;
	readonly comments = new Comments();
	readonly #indentation = new Indentation();
	readonly #mergeAssign: boolean;
	readonly #loneReturn: boolean;
	readonly #hashSeparates: boolean;
	// Offsets of the brackets now open, so that an unclosed one can be named.
	readonly #open: number[] = [];
	#offset = 0;
	#atLineStart = true;
	#afterHash = false;
	/** Whether the line before ended with a colon: what follows is a block. */
	#afterHeader = false;
	#inBlock = false;

	constructor(source: Source, extensions: boolean) {
		this.text = source.text;
		this.#mergeAssign = extensions;
		this.#loneReturn = extensions || source.kind === 'file';
		this.#hashSeparates = source.kind === 'bindings';
	}

	/** Moves to the next token; throws a Failure for inconsistent indentation and for a text that ends too early. */
	next(): void {
		if (this.kind < token.end || this.kind >= token.name) {
			this.lastEnd = this.end;
		}
		if (this.#indentation.closing > 0) {
			this.#indentation.closing--;
			this.#set(token.dedent, this.#offset, this.#offset);
			return;
		}
		if (this.#atLineStart && !this.#beginLine()) {
			return;
		}
		this.#scan();
	}

	/** Goes on at the beginning of a line, outside all brackets. */
	resume(offset: number): void {
		this.#offset = offset;
		this.lineStart = offset;
		this.depth = 0;
		this.#open.length = 0;
		this.#atLineStart = true;
		this.#afterHeader = false;
		this.#inBlock = false;
		this.#indentation.closing = 0;
		this.lastEnd = offset;
	}

	/** Goes on anywhere outside brackets and strings, but not at the beginning of a line. */
	seek(offset: number): void {
		this.resume(offset);
		this.#atLineStart = false;
		this.#afterHash = false;
		this.kind = token.newline;
	}

	// Measures the indentation of a line that holds a token; false when that produced a token or only blank lines remain.
	#beginLine(): boolean {
		const { text } = this;
		const offset = this.#indentation.measure(text, this.#offset);
		this.#offset = offset;
		const code = offset < text.length ? text.charCodeAt(offset) : -1;
		if (code === -1) {
			this.#finish();
			return false;
		}
		if (code === newline || code === carriageReturn || code === 35) {
			this.#blankLine(code);
			return false;
		}
		this.#atLineStart = false;
		// Blanks behind the `#` that separates two bindings are not indentation, unless the first is the header of a block.
		const isIndented = !this.#afterHash || this.#afterHeader || this.#inBlock;
		const change = isIndented ? this.#indentation.enter() : 0;
		this.#afterHash = false;
		this.#inBlock = change === 0 ? this.#inBlock && this.#indentation.closing === 0 : this.#afterHeader && change === 1;
		this.#afterHeader = false;
		if (change === undefined) {
			throw wrongDedent(offset);
		}
		if (change > 0) {
			this.#set(token.indent, offset, offset);
			return false;
		}
		if (this.#indentation.closing > 0) {
			this.#indentation.closing--;
			this.#set(token.dedent, offset, offset);
			return false;
		}
		return true;
	}

	#blankLine(code: number): void {
		const from = this.#offset;
		if (code === 35) {
			if (this.#hashSeparates) {
				this.#set(token.softNewline, from, from + 1);
				this.#offset = from + 1;
				this.#afterHash = true;
				return;
			}
			this.#offset = this.comments.skip(this.text, this.#offset);
		}
		const length = lineBreakLength(this.text, this.#offset, this.#loneReturn);
		if (length === 0 && this.#offset < this.text.length) {
			// Python drops the rest of a line that begins with a lone carriage return, and stumbles over it at the end.
			const end = this.text.indexOf('\n', this.#offset);
			this.#offset = end === -1 ? this.text.length : end + 1;
			if (end === -1 && !this.text.endsWith('\r')) {
				this.#set(token.newline, from, this.#offset);
				return;
			}
		} else {
			this.#offset += length;
		}
		this.lineStart = this.#offset;
		this.#set(token.softNewline, from, this.#offset);
	}

	#scan(): void {
		const { text } = this;
		for (;;) {
			const offset = skipBlanks(text, this.#offset);
			this.#offset = offset;
			if (offset >= text.length) {
				this.#finish();
				return;
			}
			const code = text.charCodeAt(offset);
			if (code === newline || (code === carriageReturn && lineBreakLength(text, offset, this.#loneReturn) > 0)) {
				this.#offset = offset + lineBreakLength(text, offset, this.#loneReturn);
				this.#afterHash = false;
				this.#endLine(offset, this.#offset);
				return;
			}
			if (code === 35) {
				if (this.#hashSeparates && this.depth === 0) {
					this.#offset = offset + 1;
					this.#afterHash = true;
					this.#endLine(offset, offset + 1);
					return;
				}
				this.#offset = this.comments.skip(this.text, this.#offset);
				continue;
			}
			if (code === 92) {
				const length = lineBreakLength(text, offset + 1, this.#loneReturn);
				if (length > 0) {
					this.#offset = offset + 1 + length;
					if (this.#offset >= text.length) {
						throw this.#unfinished(offset, 'no line follows this "\\", which continues the line');
					}
					continue;
				}
				this.#take(token.error, offset, offset + 1);
				return;
			}
			this.#scanToken(offset, code);
			return;
		}
	}

	#scanToken(offset: number, code: number): void {
		const { text } = this;
		if (isDigit(code) || (code === 46 && isDigit(text.charCodeAt(offset + 1)))) {
			this.#take(token.number, offset, skipNumber(text, offset));
			return;
		}
		if (code === 39 || code === 34) {
			this.#scanString(offset, offset);
			return;
		}
		const point = code < 0xd800 ? code : text.codePointAt(offset)!;
		if (isNameStart(point)) {
			const end = skipWord(text, offset);
			const quote = end - offset <= 2 ? text.charCodeAt(end) : 0;
			if ((quote === 39 || quote === 34) && isStringPrefix(text.slice(offset, end))) {
				this.#scanString(offset, end);
			} else {
				this.#take(token.name, offset, end);
			}
			return;
		}
		const length = operatorLength(text, offset);
		if (length === 0) {
			this.#take(token.error, offset, offset + (point > 0xffff ? 2 : 1));
			return;
		}
		if (length > 1) {
			const merge = this.#mergeAssign && code === 124 && length === 2;
			this.#take(merge ? token.mergeAssign : token.operator, offset, offset + length);
			return;
		}
		if (code === 40 || code === 91 || code === 123) {
			this.depth++;
			this.#open.push(offset);
		} else if ((code === 41 || code === 93 || code === 125) && this.depth > 0) {
			this.depth--;
			this.#open.pop();
		}
		this.#take(code, offset, offset + 1);
	}

	#scanString(offset: number, quoteAt: number): void {
		const end = stringEnd(this.text, quoteAt);
		if (end >= 0) {
			this.#take(token.string, offset, end);
		} else if (end === endless) {
			this.resume(this.text.length);
			this.#set(token.end, this.text.length, this.text.length);
			const quotes = this.text.startsWith(this.text[quoteAt]!.repeat(3), quoteAt) ? 3 : 1;
			throw new Failure('syntax.eof', 'this string is never closed', offset, quoteAt + quotes, 'TokenError');
		} else if (quoteAt > offset && end === unclosed) {
			// Python reads the prefix as a name when no string follows.
			this.#take(token.name, offset, quoteAt);
		} else {
			this.#take(token.error, offset, offset + 1);
		}
	}

	#finish(): void {
		const at = this.text.length;
		if (this.depth > 0) {
			const open = this.#open.at(-1)!;
			throw this.#unfinished(open, `this "${this.text[open]}" is never closed`);
		}
		this.#offset = at;
		if (!this.#atLineStart) {
			this.#atLineStart = true;
			this.#set(token.newline, at, at);
			return;
		}
		this.#indentation.finish();
		if (this.#indentation.closing > 0) {
			this.#indentation.closing--;
			this.#set(token.dedent, at, at);
			return;
		}
		this.#set(token.end, at, at);
	}

	#unfinished(at: number, message: string): Failure {
		const { length } = this.text;
		this.resume(length);
		this.#set(token.end, length, length);
		return new Failure('syntax.eof', message, at, at + 1, 'TokenError', endOfText(this.text, true));
	}

	#endLine(start: number, end: number): void {
		this.lineStart = end;
		if (this.depth > 0) {
			this.#set(token.softNewline, start, end);
			return;
		}
		this.#atLineStart = true;
		this.#afterHeader = this.kind === 58;
		this.#set(token.newline, start, end);
	}

	#take(kind: number, start: number, end: number): void {
		this.#offset = end;
		this.#set(kind, start, end);
	}

	#set(kind: number, start: number, end: number): void {
		this.kind = kind;
		this.start = start;
		this.end = end;
	}
}
