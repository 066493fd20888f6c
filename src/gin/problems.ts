import type { MacroValue, ReferenceValue, Span } from './ast.ts';

/** The Python exception that gin raises for such a problem. */
export type ProblemKind = 'SyntaxError' | 'TokenError' | 'IndentationError' | 'TypeError' | 'RecursionError';

/** One place where a text breaks the grammar. */
export interface SyntaxProblem {
	/** Stable and documented, such as `syntax.value`. */
	readonly code: string;
	/** What is wrong and what is allowed, without the position (see `formatProblem`). */
	readonly message: string;
	readonly span: Span;
	readonly kind: ProblemKind;
	/** How many of the statements gin has applied when it meets this problem: `statements.slice(0, after)`. */
	readonly after: number;
	/** References and macros of the failing statement that stand before the problem: gin looks them up first. */
	readonly references: ReadonlyArray<ReferenceValue | MacroValue>;
	/** Where Python reports it (line from 1, column from 0), if not at the start of `span`. */
	readonly reported: { readonly line: number; readonly column: number } | undefined;
}

/** A comment from its `#` to the end of the line. */
export interface Comment {
	readonly text: string;
	readonly span: Span;
}

/** Thrown inside the parser only, and caught there: light, because a text may hold very many mistakes. */
export class Failure {
	constructor(
		readonly code: string,
		readonly message: string,
		readonly start: number,
		readonly end: number,
		readonly kind: ProblemKind = 'SyntaxError',
		readonly reported: SyntaxProblem['reported'] = undefined,
	) {}
}
