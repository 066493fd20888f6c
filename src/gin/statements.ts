import type { BindingStatement, ImportStatement, Source, Statement, UseStatement, Value } from './ast.ts';
import { isAsciiStart } from './characters.ts';
import { Failure, type SyntaxProblem } from './problems.ts';
import { nextStatementLine, startsStatement } from './recovery.ts';
import { found, readSelector, type Selector } from './selectors.ts';
import { token } from './tokens.ts';
import { ValueParser } from './value-parser.ts';

const equals = 61;
const colon = 58;
const minus = 45;
const inKey = { scopes: true, dotsInScopes: false };
const inModule = { scopes: false, dotsInScopes: false };
// An unclosed bracket or string makes the rest of the text be read twice: only so often.
const maxEndless = 3;

/** Reads statements, one after the other, and goes on after a mistake. */
export class StatementParser {
	readonly statements: Statement[] = [];
	readonly problems: SyntaxProblem[] = [];
	readonly values: ValueParser;
	#endless = 0;
	#isFirst = true;

	constructor(
		readonly source: Source,
		readonly extensions: boolean,
	) {
		this.values = new ValueParser(source, extensions);
	}

	/** Reads the whole text into `statements` and `problems`. */
	run(): void {
		const { values } = this;
		const { lexer } = values;
		this.#step(0);
		for (;;) {
			values.reset();
			let start = lexer.start;
			try {
				values.skip();
				if (lexer.kind === token.end) {
					return;
				}
				start = lexer.start;
				const statement = this.#statement();
				this.#isFirst = false;
				this.#endStatement(statement);
			} catch (error) {
				this.#recover(error, start);
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

	#endStatement(statement: Statement): void {
		const { lexer } = this.values;
		if (lexer.kind !== token.newline && lexer.kind !== token.dedent && lexer.kind !== token.end) {
			throw new Failure(
				'syntax.expected_newline',
				`a statement ends with its line${found(lexer)}`,
				lexer.start,
				lexer.end,
			);
		}
		const refused = statement.type === 'import' ? ginFeature(statement) : undefined;
		try {
			if (lexer.kind !== token.end) {
				lexer.next();
			}
			if (refused !== undefined) {
				this.#record(refused);
			}
		} catch (error) {
			// gin looks at the first token of the next line before it applies a statement.
			this.#recover(error, lexer.start);
		}
		if (refused === undefined) {
			this.statements.push(statement);
		}
	}

	#statement(): Statement {
		const { values } = this;
		const { lexer, text } = values;
		const key = readSelector(lexer, inKey);
		values.skip();
		if (lexer.kind === equals || lexer.kind === token.mergeAssign) {
			return this.#assignment(key);
		}
		if (lexer.kind === colon) {
			return this.#block(key);
		}
		const keyword = text.slice(key.start, key.end);
		if (keyword === 'import' || keyword === 'from') {
			return this.#import(keyword, key.start);
		}
		if (keyword === 'include') {
			const path = this.#path(keyword);
			return { type: 'include', path, span: values.span(key.start) };
		}
		const extension = this.extensions ? this.#extension(keyword, key.start) : undefined;
		if (extension !== undefined) {
			return extension;
		}
		throw new Failure(
			'syntax.statement',
			`"=" or ":" is expected after "${keyword.slice(0, 80)}"${found(lexer)}`,
			lexer.start,
			lexer.end,
		);
	}

	#assignment(key: Selector): Statement {
		const { values } = this;
		const { lexer, text } = values;
		const operator = lexer.kind === equals ? '=' : '|=';
		lexer.next();
		const value = values.value();
		const scope = key.lastSlash < 0 ? '' : text.slice(key.start, key.lastSlash);
		const nameStart = key.lastSlash < 0 ? key.start : key.lastSlash + 1;
		const span = { source: this.source, start: key.start, end: lexer.lastEnd };
		const keySpan = { source: this.source, start: key.start, end: key.end };
		if (key.lastDot < 0) {
			return { type: 'macro', scope, name: text.slice(nameStart, key.end), operator, value, span, key: keySpan };
		}
		return {
			type: 'binding',
			scope,
			selector: text.slice(nameStart, key.lastDot),
			parameter: text.slice(key.lastDot + 1, key.end),
			operator,
			value,
			span,
			key: keySpan,
		};
	}

	#block(key: Selector): Statement {
		const { values } = this;
		const { lexer, text } = values;
		lexer.next();
		this.#expect(token.newline, 'syntax.expected_newline', 'the bindings of a block stand on lines of their own');
		this.#skipSoft();
		if (lexer.kind !== token.indent) {
			throw new Failure(
				'syntax.expected_indent',
				`indented lines "parameter = value" are expected after "${text.slice(key.start, key.end).slice(0, 80)}:"${found(lexer)}`,
				lexer.start,
				lexer.end,
				'SyntaxError',
				lexer.start === text.length ? lexer.endOfText(false) : undefined,
			);
		}
		const { lastEnd } = lexer;
		lexer.next();
		this.#skipSoft();
		const bindings: BindingStatement[] = [];
		const scope = key.lastSlash < 0 ? '' : text.slice(key.start, key.lastSlash);
		const selector = text.slice(key.lastSlash < 0 ? key.start : key.lastSlash + 1, key.end);
		values.inBlock = true;
		while (lexer.kind !== token.dedent && lexer.kind !== token.end) {
			const { start } = lexer;
			try {
				const binding = this.#blockLine(scope, selector);
				bindings.push(binding);
				this.#expect(token.newline, 'syntax.expected_newline', 'a binding ends with its line');
				values.skip();
			} catch (error) {
				this.#recover(error, start);
				this.#skipSoft();
			}
		}
		values.inBlock = false;
		const end = bindings.at(-1)?.span.end ?? lastEnd;
		const keySpan = { source: this.source, start: key.start, end: key.end };
		return { type: 'block', scope, selector, bindings, span: values.span(key.start, end), key: keySpan };
	}

	#blockLine(scope: string, selector: string): BindingStatement {
		const { values } = this;
		const { lexer, text } = values;
		const { start, end } = lexer;
		const parameter = this.#identifier();
		if (lexer.kind !== equals && lexer.kind !== token.mergeAssign) {
			const message = `"=" is expected after "${parameter.slice(0, 80)}": a line of a block is "parameter = value"${found(lexer)}`;
			throw new Failure('syntax.expected_equals', message, lexer.start, lexer.end);
		}
		const operator = lexer.kind === equals ? '=' : '|=';
		lexer.next();
		const value = values.value();
		const span = { source: this.source, start, end: lexer.lastEnd };
		const key = { source: this.source, start, end };
		return { type: 'binding', scope, selector, parameter: text.slice(start, end), operator, value, span, key };
	}

	#import(keyword: string, start: number): ImportStatement {
		const { values } = this;
		const { lexer } = values;
		if (this.extensions && keyword === 'import' && lexer.kind === token.string) {
			const module = this.#path('import');
			return { type: 'import', module, isFile: true, member: undefined, alias: undefined, span: values.span(start) };
		}
		const module = this.#text(readSelector(lexer, inModule));
		values.skip();
		let member: string | undefined;
		if (keyword === 'from') {
			if (this.#word() !== 'import') {
				const message = `"import" is expected after "from ${module.slice(0, 80)}"${found(lexer)}`;
				throw new Failure('syntax.expected_import', message, lexer.start, lexer.end);
			}
			lexer.next();
			member = this.#identifier();
		}
		let alias: string | undefined;
		if (this.#word() === 'as') {
			lexer.next();
			alias = this.#identifier();
		}
		return { type: 'import', module, isFile: false, member, alias, span: values.span(start) };
	}

	#extension(keyword: string, start: number): Statement | undefined {
		const { values } = this;
		const { lexer, text } = values;
		switch (keyword) {
			case 'extends': {
				const isFirst = this.#isFirst;
				const path = this.#path(keyword);
				const span = values.span(start);
				if (!isFirst) {
					throw new Failure(
						'syntax.extends_first',
						'"extends" may only be the first statement of a file',
						start,
						span.end,
					);
				}
				return { type: 'extends', path, span };
			}
			case 'use':
				return lexer.kind === token.name ? this.#use(start) : undefined;
			case 'unset': {
				if (lexer.kind !== token.name) {
					return undefined;
				}
				const key = readSelector(lexer, inKey);
				values.skip();
				const { lastSlash, lastDot } = key;
				const nameStart = lastSlash < 0 ? key.start : lastSlash + 1;
				return {
					type: 'unset',
					scope: lastSlash < 0 ? '' : text.slice(key.start, lastSlash),
					selector: text.slice(nameStart, lastDot < 0 ? key.end : lastDot),
					parameter: lastDot < 0 ? '' : text.slice(lastDot + 1, key.end),
					span: values.span(start),
				};
			}
			default:
				return undefined;
		}
	}

	#use(start: number): UseStatement {
		const { values } = this;
		const { lexer } = values;
		const group = this.#identifier();
		this.#expect(equals, 'syntax.use', `"=" is expected after "use ${group.slice(0, 80)}"`);
		const choiceAt = lexer.start;
		const choice = values.value();
		if (choice.type !== 'string' && choice.type !== 'env') {
			const message = "the choice of \"use\" is a string such as 'vae', or env('NAME', 'vae')";
			throw new Failure('syntax.use', message, choiceAt, lexer.lastEnd);
		}
		return { type: 'use', group, choice, span: values.span(start) };
	}

	#path(keyword: string): string {
		const { values } = this;
		const { lexer } = values;
		const { start, end, kind } = lexer;
		// gin reads any literal here before it asks whether that is a path.
		const isLiteral =
			kind === token.string || (!this.extensions && (kind === token.name || kind === token.number || kind === minus));
		const value = isLiteral ? values.value() : undefined;
		if (value?.type !== 'string') {
			const what = value === undefined ? found(lexer) : '';
			throw new Failure('syntax.include_path', `"${keyword}" takes the path of a file in quotes${what}`, start, end);
		}
		return value.value;
	}

	#identifier(): string {
		const { lexer, text } = this.values;
		if (lexer.kind !== token.name || !isAsciiStart(text.charCodeAt(lexer.start))) {
			throw new Failure('syntax.identifier', `a plain name is expected here${found(lexer)}`, lexer.start, lexer.end);
		}
		const name = text.slice(lexer.start, lexer.end);
		this.values.advance();
		return name;
	}

	#word(): string | undefined {
		const { lexer, text } = this.values;
		return lexer.kind === token.name ? text.slice(lexer.start, lexer.end) : undefined;
	}

	#text({ start, end }: Selector): string {
		return this.values.text.slice(start, end);
	}

	#expect(kind: number, code: string, message: string): void {
		const { lexer } = this.values;
		if (lexer.kind !== kind) {
			throw new Failure(code, `${message}${found(lexer)}`, lexer.start, lexer.end);
		}
		lexer.next();
	}

	#skipSoft(): void {
		while (this.values.lexer.kind === token.softNewline) {
			this.#step(this.values.lexer.start);
		}
	}

	// Moves on; whatever is wrong there is recorded.
	#step(start: number): void {
		try {
			this.values.lexer.next();
		} catch (error) {
			this.#recover(error, start);
		}
	}

	#record(error: unknown): Failure {
		if (!(error instanceof Failure)) {
			throw error;
		}
		const { code, message, start, end, kind, reported } = error;
		const span = { source: this.source, start, end };
		const { references } = this.values;
		this.problems.push({ code, message, span, kind, after: this.statements.length, references, reported });
		return error;
	}

	// Records a failure of the statement (or block line) that began at `start` and goes to where the next one begins.
	#recover(error: unknown, start: number): void {
		const failure = this.#record(error);
		this.values.clearNesting();
		if (failure.kind === 'IndentationError') {
			this.#step(start);
		} else if (failure.kind === 'TokenError') {
			this.#afterEndless(start);
		} else if (failure.code !== 'syntax.expected_indent') {
			this.#afterFailure(start);
		}
	}

	#afterEndless(start: number): void {
		const { lexer, text } = this.values;
		const line = this.#endless++ < maxEndless ? nextStatementLine(text, start) : undefined;
		if (line !== undefined) {
			lexer.resume(line);
			this.#step(line);
		}
	}

	#afterFailure(start: number): void {
		const { lexer, text } = this.values;
		let deeper = lexer.kind === token.indent ? 1 : 0;
		try {
			while (lexer.kind !== token.newline && lexer.kind !== token.end) {
				if (lexer.depth > 0 && lexer.lineStart > start && startsStatement(text, lexer.lineStart, start)) {
					lexer.resume(lexer.lineStart);
					break;
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
				this.#recover(error, lexer.start);
			}
		}
	}
}

function ginFeature({ module, member, alias, span }: ImportStatement): Failure | undefined {
	if (member === undefined || (module !== '__gin__' && !module.startsWith('__gin__.'))) {
		return undefined;
	}
	if (alias !== undefined) {
		return new Failure('import.gin_alias', 'an import from __gin__ takes no "as"', span.start, span.end);
	}
	const feature = `${module}.${member}`.slice('__gin__.'.length);
	if (feature === 'dynamic_registration') {
		return undefined;
	}
	const message = `__gin__ has no feature '${feature}'; the only one is 'dynamic_registration'`;
	return new Failure('import.gin_feature', message, span.start, span.end);
}
