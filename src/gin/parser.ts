import type { BindingStatement, Source, Statement, Statements, Value } from './ast.ts';
import { MadeList } from './made-list.ts';
import type { Comment, SyntaxProblem } from './problems.ts';
import type { StatementTable } from './statement-table.ts';
import { StatementParser } from './statements.ts';

export type { Comment, SyntaxProblem } from './problems.ts';
export { splitBindings } from './split-bindings.ts';

export interface ParseOptions {
	/** Whether what gimlet adds to gin is allowed: `true`, `extends`, `use`, `env()`, `|=`, `unset`, file imports. */
	readonly extensions: boolean;
	/** Whether values stay in memory, for who asks for all of them: else each is read again whenever it is asked for. */
	readonly keepsValues?: boolean;
}

export interface ParseResult {
	readonly statements: Statements<Statement>;
	/** In the order of the text; gin stops at the first. */
	readonly problems: readonly SyntaxProblem[];
	readonly comments: Statements<Comment>;
}

/** Reads a whole text. After a mistake it goes on at the next statement, so that all mistakes are reported. */
export function parse(source: Source, options: ParseOptions): ParseResult {
	const parser = run(source, options);
	const offsets = parser.values.lexer.comments.offsets;
	return {
		statements: parser.table.statements(),
		problems: parser.problems,
		comments: new MadeList(offsets.length / 2, (index) => {
			const [start, end] = [offsets[2 * index]!, offsets[2 * index + 1]!];
			return { text: source.text.slice(start, end), span: { source, start, end } };
		}),
	};
}

/** Reads a whole text for who wants a few of its assignments, and has no use for the statements as objects. */
export function parseTable(
	source: Source,
	options: ParseOptions,
): { readonly table: StatementTable; readonly problems: readonly SyntaxProblem[] } {
	return run(source, options);
}

export type ParsedValue =
	| { readonly value: Value; readonly end: number; readonly problem: undefined }
	| { readonly value: undefined; readonly end: undefined; readonly problem: SyntaxProblem };

/** Reads one value from the beginning of a text and ignores what follows it; `end` is where it ended. */
export function parseValue(source: Source, options: ParseOptions): ParsedValue {
	return new StatementParser(source, options.extensions).onlyValue();
}

function run(source: Source, { extensions, keepsValues }: ParseOptions): StatementParser {
	const parser = new StatementParser(source, extensions, keepsValues);
	parser.run();
	return parser;
}

/** Every binding of a text, those inside blocks included, in order. */
export function* bindingsOf(statements: Iterable<Statement>): Generator<BindingStatement> {
	for (const statement of statements) {
		if (statement.type === 'block') {
			yield* statement.bindings;
		} else if (statement.type === 'binding') {
			yield statement;
		}
	}
}
