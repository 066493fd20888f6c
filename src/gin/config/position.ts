import type { Span } from '../ast.ts';
import { positionOf } from '../positions.ts';
import type { SyntaxProblem } from '../problems.ts';
import { type Frame, GinError } from './gin-error.ts';

/** The place of a reference or of a line in a block. */
export function frameAt({ source, start }: Span): Frame {
	const { line, column, lineStart, lineEnd } = positionOf(source, start);
	const file = source.kind === 'file' ? source.name : undefined;
	return { file, line, column: column - 1, text: source.text.slice(lineStart, lineEnd) };
}

/** The place of a whole statement: its first line. */
export function statementFrame(span: Span): Frame {
	return { ...frameAt(span), column: undefined };
}

/** The error that gin raises for a problem of syntax. */
export function syntaxError({ code, kind, message, span, reported }: SyntaxProblem): GinError {
	const place = frameAt(span);
	const frame = reported === undefined ? place : { ...place, ...reported, text: undefined };
	if (kind === 'TypeError' || kind === 'RecursionError') {
		return new GinError(code, kind, message);
	}
	// Python's tokenizer does not know the file.
	const isTokenizers = kind === 'TokenError' || kind === 'IndentationError';
	const frames = isTokenizers ? [{ ...frame, file: undefined, text: undefined }] : [frame];
	return new GinError(code, kind, `${message} (line ${frame.line})`, frames);
}

/** `file:line` as provenance comments show it. */
export function lineLabel({ source, start }: Span): string {
	return `${source.kind === 'file' ? source.name : 'bindings string'}:${positionOf(source, start).line}`;
}
