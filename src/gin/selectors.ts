import { isAsciiStart } from './characters.ts';
import type { Lexer } from './lexer.ts';
import { Failure } from './problems.ts';
import { token } from './tokens.ts';

const dot = 46;
const slash = 47;

/** Where a name with scopes stands and how it divides; `lastSlash` and `lastDot` are -1 where there is none. */
export interface Selector {
	readonly start: number;
	readonly end: number;
	readonly lastSlash: number;
	/** The last dot behind the last slash. */
	readonly lastDot: number;
}

/** What a selector may hold: slashes, and dots between them. */
export interface SelectorRules {
	readonly scopes: boolean;
	readonly dotsInScopes: boolean;
}

/** What the key of a statement may hold. */
export const inKey: SelectorRules = { scopes: true, dotsInScopes: false };

/** Reads `scope/scope/module.name` at the current token and leaves the lexer behind it; throws a Failure. */
export function readSelector(lexer: Lexer, rules: SelectorRules): Selector {
	if (lexer.kind !== token.name) {
		throw new Failure('syntax.unexpected_token', `a name is expected here${found(lexer)}`, lexer.start, lexer.end);
	}
	const { text, start } = lexer;
	let end = start;
	let lastSlash = -1;
	let lastDot = -1;
	let isValid = true;
	let wantsName = true;
	while (wantsName ? lexer.kind === token.name : lexer.kind === dot || lexer.kind === slash) {
		// Nothing may stand between the parts.
		isValid &&= lexer.start === end;
		if (wantsName) {
			isValid &&= isAsciiStart(text.charCodeAt(lexer.start));
		} else if (lexer.kind === slash) {
			isValid &&= rules.scopes && (lastDot < 0 || rules.dotsInScopes);
			lastSlash = lexer.start;
			lastDot = -1;
		} else {
			lastDot = lexer.start;
		}
		wantsName = !wantsName;
		end = lexer.end;
		lexer.next();
	}
	if (!isValid || wantsName) {
		throw malformed(text, start, end, rules);
	}
	return { start, end, lastSlash, lastDot };
}

/** What stands at the lexer, for a message: `, not "x"`. */
export function found(lexer: Lexer): string {
	switch (lexer.kind) {
		case token.end:
			return ', but the text ends';
		case token.newline:
		case token.softNewline:
			return ', but the line ends';
		case token.indent:
			return ', but the line is indented';
		case token.dedent:
			return ', but the indentation ends';
		default:
			return `, not ${shorten(lexer.text.slice(lexer.start, lexer.end))}`;
	}
}

function shorten(text: string): string {
	if (text === '\ufeff') {
		return 'a byte order mark';
	}
	return text.length > 40 ? `"${text.slice(0, 37)}..."` : `"${text}"`;
}

function malformed(text: string, start: number, end: number, rules: SelectorRules): Failure {
	const written = shorten(text.slice(start, end));
	const allowed = rules.scopes
		? 'a name is parts like "scope/module.name" without blanks, each a letter or underscore followed by letters, digits and underscores'
		: 'a module is parts like "package.module" without blanks or slashes';
	return new Failure('syntax.selector', `${written} is not a name: ${allowed}`, start, end, 'SyntaxError', undefined);
}
