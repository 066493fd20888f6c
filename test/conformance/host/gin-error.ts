import type { Span } from '../../../src/gin/ast.ts';
import { positionOf } from '../../../src/gin/positions.ts';
import type { SyntaxProblem } from '../../../src/gin/problems.ts';

/** A place an error passed through: a statement or a reference. */
export interface Frame {
	/** Undefined for a text that is no file. */
	readonly file: string | undefined;
	/** From 1. */
	readonly line: number;
	/** From 0; undefined for a whole statement. */
	readonly column: number | undefined;
	/** The source line; undefined where the tokenizer does not tell. */
	readonly text: string | undefined;
}

/** An error as gin raises it: a stable code, the Python class and wording, and where it arose, innermost first. */
export class GinError extends Error {
	readonly where: Frame[] = [];

	constructor(
		readonly code: string,
		/** The Python exception class. */
		readonly kind: string,
		message: string,
		frames: readonly Frame[] = [],
		options?: ErrorOptions,
	) {
		super(message, options);
		this.name = 'GinError';
		this.where.push(...frames);
	}
}

/** Names as messages list them: `['a', 'b']`. */
export function quoteList(names: readonly string[]): string {
	return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}

/** The error for a name that several constants end with. */
export function ambiguousConstant(name: string, constants: readonly string[]): GinError {
	const message = `Ambiguous constant selector '${name}', matches ${quoteList(constants)}.`;
	return new GinError('ambiguous_constant', 'ValueError', message);
}

/** The error for a name that several configurables end with. */
export function ambiguousSelector(selector: string, names: readonly string[]): GinError {
	const message = `Ambiguous selector '${selector}', matches ${quoteList(names)}.`;
	return new GinError('ambiguous_selector', 'KeyError', message);
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

/** Runs `action`; an error other than one of syntax is told that it arose at `frame`. */
export function withFrame<Result>(frame: () => Frame, action: () => Result): Result {
	try {
		return action();
	} catch (error) {
		if (error instanceof GinError && error.code !== 'recursion' && !isSyntaxError(error)) {
			const added = frame();
			error.where.push(added);
			error.message += describe(added);
		}
		throw error;
	}
}

function isSyntaxError({ kind }: GinError): boolean {
	return kind === 'SyntaxError' || kind === 'IndentationError';
}

function describe({ file, line, column, text = '' }: Frame): string {
	const where = file === undefined ? 'bindings string' : `file "${file}",`;
	const caret = column ? `\n    ${' '.repeat(column)}^` : '';
	return `\n  In ${where} line ${line}\n    ${text.trimEnd()}${caret}`;
}
