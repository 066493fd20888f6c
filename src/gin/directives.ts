import type { ImportStatement, Statement, UseStatement } from './ast.ts';
import { Failure } from './problems.ts';
import { found, inKey, readSelector } from './selectors.ts';
import { token } from './tokens.ts';
import type { ValueParser } from './value-parser.ts';

const equals = 61;
const minus = 45;
const inModule = { scopes: false, dotsInScopes: false };

/**
 * Reads the rest of the statement that begins with this word at `start`; undefined if the word begins none.
 * `isFirst` tells whether no other statement stands before it.
 */
export function readDirective(
	values: ValueParser,
	keyword: string,
	start: number,
	isFirst: boolean,
): Statement | undefined {
	if (keyword === 'import' || keyword === 'from') {
		return readImport(values, keyword, start);
	}
	if (keyword === 'include') {
		const path = readPath(values, keyword);
		return { type: 'include', path, span: values.span(start) };
	}
	return values.extensions ? readExtension(values, keyword, start, isFirst) : undefined;
}

/** What is wrong with an import of gin's own features, if anything. */
export function wrongGinFeature({ module, member, alias, span }: ImportStatement): Failure | undefined {
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

function readImport(values: ValueParser, keyword: string, start: number): ImportStatement {
	const { lexer } = values;
	if (values.extensions && keyword === 'import' && lexer.kind === token.string) {
		const module = readPath(values, 'import');
		return { type: 'import', module, isFile: true, member: undefined, alias: undefined, span: values.span(start) };
	}
	const name = readSelector(lexer, inModule);
	const module = values.text.slice(name.start, name.end);
	values.skip();
	let member: string | undefined;
	if (keyword === 'from') {
		if (values.word() !== 'import') {
			const message = `"import" is expected after "from ${module.slice(0, 80)}"${found(lexer)}`;
			throw new Failure('syntax.expected_import', message, lexer.start, lexer.end);
		}
		lexer.next();
		member = values.identifier();
	}
	let alias: string | undefined;
	if (values.word() === 'as') {
		lexer.next();
		alias = values.identifier();
	}
	return { type: 'import', module, isFile: false, member, alias, span: values.span(start) };
}

function readExtension(values: ValueParser, keyword: string, start: number, isFirst: boolean): Statement | undefined {
	const { lexer, text } = values;
	if (keyword === 'extends') {
		const path = readPath(values, keyword);
		const span = values.span(start);
		if (!isFirst) {
			const message = '"extends" may only be the first statement of a file';
			throw new Failure('syntax.extends_first', message, start, span.end);
		}
		return { type: 'extends', path, span };
	}
	if (lexer.kind !== token.name) {
		return undefined;
	}
	if (keyword === 'use') {
		return readUse(values, start);
	}
	if (keyword === 'unset') {
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
	return undefined;
}

function readUse(values: ValueParser, start: number): UseStatement {
	const { lexer } = values;
	const group = values.identifier();
	values.expect(equals, 'syntax.use', `"=" is expected after "use ${group.slice(0, 80)}"`);
	const choiceAt = lexer.start;
	const choice = values.value();
	if (choice.type !== 'string' && choice.type !== 'env') {
		const message = "the choice of \"use\" is a string such as 'vae', or env('NAME', 'vae')";
		throw new Failure('syntax.use', message, choiceAt, lexer.lastEnd);
	}
	return { type: 'use', group, choice, span: values.span(start) };
}

function readPath(values: ValueParser, keyword: string): string {
	const { lexer } = values;
	const { start, end, kind } = lexer;
	// gin reads any literal here before it asks whether that is a path.
	const isLiteral =
		kind === token.string || (!values.extensions && (kind === token.name || kind === token.number || kind === minus));
	const value = isLiteral ? values.value() : undefined;
	if (value?.type !== 'string') {
		const what = value === undefined ? found(lexer) : '';
		throw new Failure('syntax.include_path', `"${keyword}" takes the path of a file in quotes${what}`, start, end);
	}
	return value.value;
}
