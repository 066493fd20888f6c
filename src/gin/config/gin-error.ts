/** The Python exception class that gin would raise. */
export type ErrorKind = string;

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

/** An error of the compatibility mode: a stable code, gin's wording, and where it arose, innermost first. */
export class GinError extends Error {
	readonly where: Frame[] = [];

	constructor(
		readonly code: string,
		readonly kind: ErrorKind,
		message: string,
		frames: readonly Frame[] = [],
		options?: ErrorOptions,
	) {
		super(message, options);
		this.name = 'GinError';
		this.where.push(...frames);
	}
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
