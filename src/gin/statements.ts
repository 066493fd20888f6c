import type { Source, Statement, Value } from './ast.ts';
import { endOfText } from './blanks.ts';
import { readDirective, wrongGinFeature } from './directives.ts';
import { Failure, type SyntaxProblem } from './problems.ts';
import { Recovery } from './recovery.ts';
import { found, inKey, readSelector, type Selector } from './selectors.ts';
import { StatementTable } from './statement-table.ts';
import { token } from './tokens.ts';
import { ValueParser } from './value-parser.ts';

const equals = 61;
const colon = 58;

/** Reads statements, one after the other, and goes on after a mistake. */
export class StatementParser {
	readonly table: StatementTable;
	readonly problems: SyntaxProblem[] = [];
	readonly values: ValueParser;
	readonly #recovery: Recovery;
	#isFirst = true;

	constructor(
		readonly source: Source,
		extensions: boolean,
		keepsValues = false,
	) {
		this.values = new ValueParser(source, extensions);
		this.table = new StatementTable(source, extensions, keepsValues);
		this.#recovery = new Recovery(this.values.lexer, (error) => this.#record(error));
	}

	/** Reads the whole text into `table` and `problems`. */
	run(): void {
		const { values } = this;
		const { lexer } = values;
		this.#recovery.step(0);
		for (;;) {
			values.reset();
			let start = lexer.start;
			try {
				values.skip();
				if (lexer.kind === token.end) {
					this.table.hasDottedMacros = values.hasDottedMacros;
					return;
				}
				start = lexer.start;
				this.#statement();
				this.#isFirst = false;
			} catch (error) {
				this.#recovery.after(error, start);
			}
		}
	}

	/** Reads one value at the beginning of the text. */
	onlyValue():
		| { value: Value; end: number; problem: undefined }
		| { value: undefined; end: undefined; problem: SyntaxProblem } {
		const { values } = this;
		try {
			values.lexer.next();
			const value = values.value();
			return { value, end: values.lexer.lastEnd, problem: undefined };
		} catch (error) {
			this.#record(error);
			return { value: undefined, end: undefined, problem: this.problems[0]! };
		}
	}

	#statement(): void {
		const { values } = this;
		const { lexer, text } = values;
		const key = readSelector(lexer, inKey);
		values.skip();
		if (lexer.kind === equals || lexer.kind === token.mergeAssign) {
			this.#assignment(key);
			return;
		}
		if (lexer.kind === colon) {
			this.#block(key);
			return;
		}
		const keyword = text.slice(key.start, key.end);
		const statement = readDirective(values, keyword, key.start, this.#isFirst);
		if (statement === undefined) {
			const message = `"=" or ":" is expected after "${keyword.slice(0, 80)}"${found(lexer)}`;
			throw new Failure('syntax.statement', message, lexer.start, lexer.end);
		}
		this.#directive(statement);
	}

	#assignment(key: Selector): void {
		const { lexer } = this.values;
		const merges = lexer.kind === token.mergeAssign;
		lexer.next();
		const valueStart = lexer.start;
		const value = this.values.value();
		const end = lexer.lastEnd;
		this.#endStatement();
		this.table.addAssignment(key, merges, valueStart, end, value);
	}

	#directive(statement: Statement): void {
		const refused = statement.type === 'import' ? wrongGinFeature(statement) : undefined;
		this.#endStatement(refused);
		if (refused === undefined) {
			this.table.addOther(statement);
		}
	}

	#endStatement(refused?: Failure): void {
		const { lexer } = this.values;
		if (lexer.kind !== token.newline && lexer.kind !== token.dedent && lexer.kind !== token.end) {
			const message = `a statement ends with its line${found(lexer)}`;
			throw new Failure('syntax.expected_newline', message, lexer.start, lexer.end);
		}
		try {
			if (lexer.kind !== token.end) {
				lexer.next();
			}
			if (refused !== undefined) {
				this.#record(refused);
			}
		} catch (error) {
			// gin looks at the first token of the next line before it applies a statement.
			this.#recovery.after(error, lexer.start);
		}
	}

	#block(key: Selector): void {
		const { values } = this;
		const { lexer, text } = values;
		lexer.next();
		values.expect(token.newline, 'syntax.expected_newline', 'the bindings of a block stand on lines of their own');
		this.#skipSoft();
		if (lexer.kind !== token.indent) {
			throw new Failure(
				'syntax.expected_indent',
				`indented lines "parameter = value" are expected after "${text.slice(key.start, key.end).slice(0, 80)}:"${found(lexer)}`,
				lexer.start,
				lexer.end,
				'SyntaxError',
				lexer.start === text.length ? endOfText(text, false) : undefined,
			);
		}
		const { lastEnd } = lexer;
		lexer.next();
		this.#skipSoft();
		const firstLine = this.table.lines.length;
		values.inBlock = true;
		while (lexer.kind !== token.dedent && lexer.kind !== token.end) {
			const { start } = lexer;
			try {
				this.#blockLine();
				values.expect(token.newline, 'syntax.expected_newline', 'a binding ends with its line');
				values.skip();
			} catch (error) {
				this.#recovery.after(error, start);
				this.#skipSoft();
			}
		}
		values.inBlock = false;
		this.#endStatement();
		this.table.addBlock(key, firstLine, lastEnd);
	}

	#blockLine(): void {
		const { values } = this;
		const { lexer } = values;
		const { start, end } = lexer;
		const parameter = values.identifier();
		if (lexer.kind !== equals && lexer.kind !== token.mergeAssign) {
			const message = `"=" is expected after "${parameter.slice(0, 80)}": a line of a block is "parameter = value"${found(lexer)}`;
			throw new Failure('syntax.expected_equals', message, lexer.start, lexer.end);
		}
		const merges = lexer.kind === token.mergeAssign;
		lexer.next();
		const valueStart = lexer.start;
		const value = values.value();
		this.table.addLine(start, end, merges, valueStart, lexer.lastEnd, value);
	}

	#skipSoft(): void {
		while (this.values.lexer.kind === token.softNewline) {
			this.#recovery.step(this.values.lexer.start);
		}
	}

	// Every failure ends whatever brackets were open.
	#record(error: unknown): Failure {
		if (!(error instanceof Failure)) {
			throw error;
		}
		this.values.clearNesting();
		const { code, message, start, end, kind, reported } = error;
		const span = { source: this.source, start, end };
		const references = this.values.takeReferences();
		this.problems.push({ code, message, span, kind, after: this.table.length, references, reported });
		return error;
	}
}
