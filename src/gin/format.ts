import type { Source } from './ast.ts';
import { comment, formatLine, type LinePiece, lineBreak } from './format-line.ts';
import { Lexer } from './lexer.ts';
import { parse } from './parser.ts';
import type { SyntaxProblem } from './problems.ts';
import { token } from './tokens.ts';

export interface Formatted {
	/** The text in its one layout; as it was where there are problems. */
	readonly text: string;
	/** What keeps the text from being formatted. */
	readonly problems: readonly SyntaxProblem[];
}

const blockIndent = 2;
const mostBlankLines = 2;

/**
 * Lays a text out anew without changing what it says: blanks, indentation and line ends become uniform; comments, blank
 * lines, quotes and the line breaks inside brackets stay. Formatting the result again changes nothing.
 */
export function format(source: Source): Formatted {
	const { problems } = parse(source, { extensions: true });
	if (problems.length > 0) {
		return { text: source.text, problems };
	}
	return { text: new Formatter(source).run(), problems };
}

/** A comment on a line of its own, or a blank line, whose place is settled by what follows. */
interface Waiting {
	/** Undefined for a blank line. */
	readonly comment: string | undefined;
	readonly column: number;
}

class Formatter {
	readonly #lexer: Lexer;
	readonly #lines: string[] = [];
	readonly #text: string;
	#pieces: LinePiece[] = [];
	#waiting: Waiting[] = [];
	#commentsSeen = 0;
	// One entry per open indentation: whether it is that of a block.
	readonly #indents: boolean[] = [];
	#headerColumn = 0;
	#isAfterHeader = false;
	#tookComment = false;

	constructor(source: Source) {
		this.#lexer = new Lexer(source, true);
		this.#text = source.text;
	}

	run(): string {
		const lexer = this.#lexer;
		let before = 0;
		do {
			const depth = lexer.depth;
			lexer.next();
			this.#takeComments(depth > 0);
			this.#take(before, depth);
			before = lexer.end;
		} while (lexer.kind !== token.end);
		this.#flush(false);
		while (this.#lines.at(-1) === '') {
			this.#lines.pop();
		}
		return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
	}

	#take(before: number, depth: number): void {
		const lexer = this.#lexer;
		const { kind, start, end } = lexer;
		switch (kind) {
			case token.end:
				return;
			case token.indent:
				this.#indents.push(this.#isAfterHeader);
				return;
			case token.dedent:
				if (this.#indents.pop() === true) {
					this.#flush(true);
				}
				return;
			case token.newline:
				this.#endLine();
				return;
			case token.softNewline:
				if (depth > 0) {
					this.#pieces.push({ kind: lineBreak, text: '', isContinued: false });
				} else if (!this.#tookComment) {
					this.#waiting.push({ comment: undefined, column: 0 });
				}
				return;
		}
		if (this.#pieces.length === 0) {
			this.#flush(false);
			if (!this.#isInBlock()) {
				this.#headerColumn = this.#columnOf(start);
			}
		}
		const isContinued = depth === 0 && this.#pieces.length > 0 && this.#text.slice(before, start).includes('\\');
		const text = this.#text.slice(start, end);
		this.#pieces.push({ kind, text: kind === token.string ? text.replaceAll(/\r\n?/g, '\n') : text, isContinued });
	}

	// The lexer passes over comments on the way to the next token.
	#takeComments(isInBrackets: boolean): void {
		const { kind } = this.#lexer;
		const comments = this.#lexer.comments.offsets;
		this.#tookComment = comments.length > this.#commentsSeen;
		for (; this.#commentsSeen < comments.length; this.#commentsSeen += 2) {
			const start = comments[this.#commentsSeen]!;
			const text = this.#text.slice(start, comments[this.#commentsSeen + 1]);
			if (isInBrackets || kind === token.newline) {
				this.#pieces.push({ kind: comment, text, isContinued: false });
			} else {
				this.#waiting.push({ comment: text.trimEnd(), column: this.#columnOf(start) });
			}
		}
	}

	#endLine(): void {
		const pieces = this.#pieces;
		const last = pieces.findLast(({ kind }) => kind !== comment);
		this.#lines.push(formatLine(pieces, this.#isInBlock() ? blockIndent : 0));
		this.#isAfterHeader = last?.text === ':';
		this.#pieces = [];
	}

	// Behind a block, comments indented deeper than its header still belong to it.
	#flush(endsBlock: boolean): void {
		const waiting = this.#waiting;
		const outer = waiting.findIndex(({ comment, column }) => comment !== undefined && column <= this.#headerColumn);
		const inside = lastComment(outer === -1 ? waiting : waiting.slice(0, outer)) + 1;
		this.#write(waiting.slice(0, endsBlock ? inside : waiting.length), endsBlock || this.#isInBlock());
		this.#waiting = endsBlock ? waiting.slice(inside) : [];
	}

	#write(waiting: readonly Waiting[], isInBlock: boolean): void {
		for (const { comment } of waiting) {
			if (comment !== undefined) {
				this.#lines.push(`${' '.repeat(isInBlock ? blockIndent : 0)}${comment}`);
			} else if (this.#lines.length > 0 && !this.#endsWithBlankLines()) {
				this.#lines.push('');
			}
		}
	}

	#endsWithBlankLines(): boolean {
		return this.#lines.length >= mostBlankLines && this.#lines.slice(-mostBlankLines).every((line) => line === '');
	}

	#isInBlock(): boolean {
		return this.#indents.includes(true);
	}

	#columnOf(offset: number): number {
		let lineStart = offset;
		while (lineStart > 0 && this.#text[lineStart - 1] !== '\n' && this.#text[lineStart - 1] !== '\r') {
			lineStart--;
		}
		return offset - lineStart;
	}
}

function lastComment(waiting: readonly Waiting[]): number {
	return waiting.findLastIndex(({ comment }) => comment !== undefined);
}
