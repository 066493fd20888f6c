import type { Lexer } from './lexer.ts';
import { Failure } from './problems.ts';
import { token } from './tokens.ts';

// An unclosed bracket or string makes the rest of the text be read twice: only so often.
const maxEndless = 3;

const statementLine =
	/[ \t]*(?:[A-Za-z_][\w./]*[ \t]*(?:=(?!=)|\|=|:[ \t\r]*(?:#.*)?$)|(?:import|from|include|extends|use|unset)[ \t])/my;

/** Finds where to go on after a mistake. */
export class Recovery {
	readonly #lexer: Lexer;
	readonly #record: (error: unknown) => Failure;
	#endless = 0;

	/** `record` notes a failure; it throws what is none. */
	constructor(lexer: Lexer, record: (error: unknown) => Failure) {
		this.#lexer = lexer;
		this.#record = record;
	}

	/** Moves on; whatever is wrong there is recorded. */
	step(start: number): void {
		try {
			this.#lexer.next();
		} catch (error) {
			this.after(error, start);
		}
	}

	/** Records a failure of the statement (or block line) that began at `start` and goes to where the next one begins. */
	after(error: unknown, start: number): void {
		const failure = this.#record(error);
		if (failure.kind === 'IndentationError') {
			this.step(start);
		} else if (failure.kind === 'TokenError') {
			this.#afterEndless(start);
		} else if (failure.code !== 'syntax.expected_indent') {
			this.#afterFailure(start);
		}
	}

	#afterEndless(start: number): void {
		const lexer = this.#lexer;
		const { text } = lexer;
		const line = this.#endless++ < maxEndless ? nextStatementLine(text, start) : undefined;
		if (line !== undefined) {
			lexer.resume(line);
			this.step(line);
		}
	}

	#afterFailure(start: number): void {
		const lexer = this.#lexer;
		const { text } = lexer;
		let deeper = lexer.kind === token.indent ? 1 : 0;
		let testedLine = start;
		try {
			while (lexer.kind !== token.newline && lexer.kind !== token.end) {
				if (lexer.depth > 0 && lexer.lineStart > testedLine) {
					testedLine = lexer.lineStart;
					if (startsStatement(text, testedLine, start)) {
						lexer.resume(testedLine);
						break;
					}
				}
				lexer.next();
			}
			if (lexer.kind !== token.end) {
				lexer.next();
			}
			// Lines indented below a mistake belong to it.
			deeper += lexer.kind === token.indent ? 1 : 0;
			while (deeper > 0 && lexer.kind !== token.end) {
				lexer.next();
				deeper += lexer.kind === token.indent ? 1 : lexer.kind === token.dedent ? -1 : 0;
				if (deeper === 0) {
					lexer.next();
				}
			}
		} catch (error) {
			if (error instanceof Failure && error.kind === 'TokenError') {
				this.#afterEndless(start);
			} else {
				this.after(error, lexer.start);
			}
		}
	}
}

// Whether the line at `lineStart` looks like a statement indented no deeper than the one at `start`.
function startsStatement(text: string, lineStart: number, start: number): boolean {
	statementLine.lastIndex = lineStart;
	return statementLine.test(text) && indentation(text, lineStart) <= start - (text.lastIndexOf('\n', start - 1) + 1);
}

// The first line below the one of `start` that looks like a statement.
function nextStatementLine(text: string, start: number): number | undefined {
	for (let at = text.indexOf('\n', start); at !== -1; at = text.indexOf('\n', at + 1)) {
		statementLine.lastIndex = at + 1;
		if (statementLine.test(text)) {
			return at + 1;
		}
	}
	return undefined;
}

function indentation(text: string, lineStart: number): number {
	let end = lineStart;
	while (text[end] === ' ' || text[end] === '\t') {
		end++;
	}
	return end - lineStart;
}
