import type { Source, Span } from './ast.ts';
import { isAsciiStart } from './characters.ts';
import { Lexer } from './lexer.ts';
import { Failure } from './problems.ts';
import { found } from './selectors.ts';
import { token } from './tokens.ts';

/** What every construct of the language is read with: a lexer, and the line breaks that mean nothing passed over. */
export class TokenReader {
	readonly lexer: Lexer;
	readonly text: string;
	/** Inside a block the end of the indentation is a token of its own. */
	inBlock = false;

	constructor(
		readonly source: Source,
		readonly extensions: boolean,
	) {
		this.lexer = new Lexer(source, extensions);
		this.text = source.text;
	}

	/** Passes over line breaks that mean nothing here. */
	skip(): void {
		const { lexer, inBlock } = this;
		while (
			lexer.kind === token.softNewline ||
			(!inBlock && (lexer.kind === token.indent || lexer.kind === token.dedent))
		) {
			lexer.next();
		}
	}

	/** Moves on, and passes over line breaks that mean nothing here. */
	advance(): void {
		this.lexer.next();
		this.skip();
	}

	/** From `start` to the end of the last token that was read. */
	span(start: number, end: number = this.lexer.lastEnd): Span {
		return { source: this.source, start, end };
	}

	/** Moves behind a token of this kind; throws a Failure where another stands. */
	expect(kind: number, code: string, message: string): void {
		const { lexer } = this;
		if (lexer.kind !== kind) {
			throw new Failure(code, `${message}${found(lexer)}`, lexer.start, lexer.end);
		}
		lexer.next();
	}

	/** Reads a name without dots and slashes; throws a Failure where none stands. */
	identifier(): string {
		const { lexer, text } = this;
		const { start, end } = lexer;
		if (lexer.kind !== token.name || !isAsciiStart(text.charCodeAt(start))) {
			throw new Failure('syntax.identifier', `a plain name is expected here${found(lexer)}`, start, end);
		}
		this.advance();
		return text.slice(start, end);
	}

	/** The name at the lexer, if one stands there. */
	word(): string | undefined {
		const { lexer, text } = this;
		return lexer.kind === token.name ? text.slice(lexer.start, lexer.end) : undefined;
	}
}
