import { posix } from 'node:path';
import type { ImportStatement, Source, Statement } from '../../../src/gin/ast.ts';
import { macroCell } from '../../../src/gin/model/cells.ts';
import { joinScope } from '../../../src/gin/model/scopes.ts';
import { parse, parseValue, type SyntaxProblem } from '../../../src/gin/parser.ts';
import { bind } from './bind.ts';
import type { Datum } from './data.ts';
import { frameAt, GinError, quoteList, statementFrame, syntaxError, withFrame } from './gin-error.ts';
import { importedName, processImport } from './imports.ts';
import {
	lookUp,
	resolveReference,
	resolveValue,
	type SkipUnknown,
	shouldSkip,
	unknownConfigurable,
} from './resolve.ts';
import { newContext, type State } from './state.ts';

/** What a parsed text drew in. */
export interface Drawn {
	readonly includes: readonly DrawnFile[];
	/** Complete names of modules. */
	readonly imports: readonly string[];
}

/** What a parsed file drew in. */
export interface DrawnFile extends Drawn {
	/** As it was asked for. */
	readonly filename: string;
}

/** Deeper than any include that ends. */
const maxDepth = 400;

/** Carries out a text statement by statement; everything before the first mistake stays in effect. */
export function readText(state: State, source: Source, option: unknown): Drawn {
	const skip = readSkipUnknown(option);
	const context = newContext();
	const includes: DrawnFile[] = [];
	state.contexts.push(context);
	try {
		const { statements, problems } = parse(source, { extensions: false, keepsValues: true });
		const [problem] = problems;
		for (const statement of problem === undefined ? statements : statements.slice(0, problem.after)) {
			carryOut(state, statement, skip, includes);
		}
		if (problem !== undefined) {
			fail(state, problem, skip);
		}
		state.imports.push(...context.imports);
		return { includes, imports: context.imports.map(importedName) };
	} finally {
		state.contexts.pop();
	}
}

/** Carries out a file, looked for as given and then below each entry of the search path. */
export function readFile(state: State, path: string, option: unknown): DrawnFile {
	const searched = posix.isAbsolute(path) ? [''] : state.searchPath;
	for (const prefix of searched) {
		const name = posix.isAbsolute(path) || prefix === '' ? path : `${prefix.replace(/\/$/, '')}/${path}`;
		const text = state.host.readFile(name);
		if (text !== undefined) {
			return {
				filename: path,
				...readNested(state, { name, kind: 'file', text: text.replaceAll(/\r\n?/g, '\n') }, option),
			};
		}
	}
	const message = `Unable to open file: ${path}. Searched config paths: ${quoteList(searched)}.`;
	throw new GinError('file_not_found', 'OSError', message);
}

/** One value on its own; what follows it is ignored. */
export function readValue(state: State, text: string): Datum {
	const { value, problem } = parseValue({ name: '', kind: 'text', text }, { extensions: false });
	if (problem !== undefined) {
		fail(state, problem, false);
	}
	return resolveValue(state, value, false);
}

// The references before the mistake are looked up first, and may themselves be the mistake that counts.
function fail(state: State, problem: SyntaxProblem, skip: SkipUnknown): never {
	const isInOrder = problem.kind === 'SyntaxError' || problem.kind === 'IndentationError';
	for (const reference of problem.references) {
		if (!isInOrder || reference.span!.start < problem.span.start) {
			resolveReference(state, reference, skip);
		}
	}
	throw syntaxError(problem);
}

function readNested(state: State, source: Source, option: unknown): Drawn {
	if (state.depth >= maxDepth) {
		throw new GinError('recursion', 'RecursionError', `the include of "${source.name}" never ends`);
	}
	state.depth++;
	try {
		return readText(state, source, option);
	} finally {
		state.depth--;
	}
}

function carryOut(state: State, statement: Statement, skip: SkipUnknown, includes: DrawnFile[]): void {
	const { span } = statement;
	switch (statement.type) {
		case 'binding': {
			const value = resolveValue(state, statement.value, skip);
			if (!shouldSkip(state, statement.selector, skip)) {
				const { scope, selector, parameter } = statement;
				withFrame(
					() => statementFrame(span),
					() => bind(state, [scope, selector, parameter], value, span),
				);
			}
			break;
		}
		case 'macro': {
			const value = resolveValue(state, statement.value, skip);
			const { scope, selector, parameter } = macroCell(joinScope(statement.scope, statement.name));
			withFrame(
				() => statementFrame(span),
				() => bind(state, [scope, selector, parameter], value, span),
			);
			break;
		}
		case 'block': {
			// The whole block is read, references and all, before anything in it takes effect.
			const values = statement.bindings.map((binding) => resolveValue(state, binding.value, skip));
			if (shouldSkip(state, statement.selector, skip)) {
				break;
			}
			withFrame(
				() => statementFrame(span),
				() => {
					if (lookUp(state, statement.selector) === undefined) {
						throw unknownConfigurable(statement.selector);
					}
				},
			);
			for (const [index, binding] of statement.bindings.slice().entries()) {
				const { scope, selector, parameter } = binding;
				withFrame(
					() => frameAt(binding.key),
					() => bind(state, [scope, selector, parameter], values[index]!, binding.span),
				);
			}
			break;
		}
		case 'import':
			withFrame(
				() => statementFrame(span),
				() => importOrSkip(state, statement, skip),
			);
			break;
		case 'include':
			withFrame(
				() => statementFrame(span),
				() => includes.push(readFile(state, statement.path, skip)),
			);
			break;
		default:
			throw new TypeError(`"${statement.type}" is not part of gin`);
	}
}

function importOrSkip(state: State, statement: ImportStatement, skip: SkipUnknown): void {
	try {
		processImport(state, state.context, statement);
	} catch (error) {
		const isImport =
			error instanceof GinError && (error.kind === 'ImportError' || error.kind === 'ModuleNotFoundError');
		if (!isImport || !skipsImports(skip)) {
			throw error;
		}
	}
}

function readSkipUnknown(option: unknown): SkipUnknown {
	if (typeof option === 'boolean') {
		return option;
	}
	if (Array.isArray(option) || option instanceof Set) {
		return new Set([...option].map(String));
	}
	throw new GinError('bad_skip_unknown', 'ValueError', `Invalid value for \`skip_unknown\`: ${String(option)}`);
}

function skipsImports(skip: SkipUnknown): boolean {
	return skip === true || (skip !== false && skip.size > 0);
}
