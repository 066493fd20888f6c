import { isAssignment, isCloser, isOpener, type Piece, wantsBlank } from './format-spacing.ts';
import { token } from './tokens.ts';

/** The pieces of one logical line: tokens, comments and the line breaks its writer put inside brackets. */
export type LinePiece =
	| Piece
	| { readonly kind: typeof lineBreak; readonly text: ''; readonly isContinued: false }
	| { readonly kind: typeof comment; readonly text: string; readonly isContinued: false };

/** A line break inside brackets. */
export const lineBreak = -1;
/** A comment. */
export const comment = -2;

const step = 4;
const widest = 80;

/** Writes one logical line, its first line indented by `indent`. Line breaks inside brackets stay where they are. */
export function formatLine(pieces: readonly LinePiece[], indent: number): string {
	const joined = new LineWriter(indent, false).write(pieces);
	const isBroken = pieces.some((piece, index) => piece.isContinued && isAssignment(pieces[index - 1]?.kind ?? 0));
	if (!isBroken || (!joined.includes('\n') && [...joined].length <= widest)) {
		return joined;
	}
	return new LineWriter(indent, true).write(pieces);
}

interface Bracket {
	readonly column: number;
	readonly lineIndent: number;
	/** Nothing but the line break follows the bracket. */
	isHanging: boolean;
}

class LineWriter {
	#text: string;
	#lineIndent: number;
	// Where the line being written begins in the text.
	#lineStart = 0;
	#hasJustOpened = false;
	#before: number | undefined;
	#atLineStart = false;
	#blankLines = 0;
	readonly #brackets: Bracket[] = [];

	constructor(
		readonly indent: number,
		readonly keepsBreakAfterAssignment: boolean,
	) {
		this.#text = ' '.repeat(indent);
		this.#lineIndent = indent;
	}

	write(pieces: readonly LinePiece[]): string {
		for (const piece of pieces) {
			if (piece.kind === lineBreak) {
				this.#break();
			} else if (piece.kind === comment) {
				this.#comment(piece.text);
			} else {
				this.#token(piece);
			}
		}
		return this.#text;
	}

	#token({ kind, text, isContinued }: LinePiece): void {
		const bracket = isCloser(kind) ? this.#brackets.pop() : this.#brackets.at(-1);
		if (this.#atLineStart) {
			this.#newLine(bracket === undefined ? this.indent : column(bracket, isCloser(kind)));
		} else if (wantsBlank(this.#before, kind)) {
			const isKept = !isAssignment(this.#before!) || this.keepsBreakAfterAssignment;
			if (isContinued && this.#brackets.length === 0 && isKept) {
				this.#text += ' \\';
				this.#newLine(this.indent + step);
			} else {
				this.#text += ' ';
			}
		}
		this.#hasJustOpened = isOpener(kind);
		if (this.#hasJustOpened) {
			const column = this.#text.length - this.#lineStart;
			this.#brackets.push({ column, lineIndent: this.#lineIndent, isHanging: false });
		}
		this.#text += text;
		this.#before = kind;
		// A string may hold lines of its own.
		const lineEnd = kind === token.string ? text.lastIndexOf('\n') : -1;
		if (lineEnd !== -1) {
			this.#lineStart = this.#text.length - (text.length - lineEnd - 1);
		}
	}

	#comment(text: string): void {
		if (this.#atLineStart) {
			const bracket = this.#brackets.at(-1);
			this.#newLine(bracket === undefined ? this.indent : column(bracket, false));
		} else if (this.#before !== undefined) {
			this.#text += '  ';
		}
		this.#text += text.trimEnd();
		this.#before = undefined;
		this.#noteHanging();
	}

	#break(): void {
		this.#blankLines += this.#atLineStart ? 1 : 0;
		this.#atLineStart = true;
		this.#noteHanging();
	}

	#noteHanging(): void {
		if (this.#hasJustOpened) {
			this.#brackets.at(-1)!.isHanging = true;
		}
	}

	#newLine(indent: number): void {
		this.#text += `${this.#blankLines > 0 ? '\n' : ''}\n${' '.repeat(indent)}`;
		this.#lineStart = this.#text.length - indent;
		this.#lineIndent = indent;
		this.#atLineStart = false;
		this.#blankLines = 0;
		this.#before = undefined;
	}
}

function column({ isHanging, column, lineIndent }: Bracket, isClosing: boolean): number {
	if (isHanging) {
		return lineIndent + (isClosing ? 0 : step);
	}
	return column + (isClosing ? 0 : 1);
}
