/** A piece of a shell command: a word with its quotes, an operator, or the end of a line. */
export interface Token {
	readonly kind: 'word' | 'operator' | 'redirection' | 'newline' | 'arithmetic';
	readonly text: string;
	/** Where it begins and ends in the text. */
	readonly from: number;
	readonly to: number;
}

/** The text ends where a shell would read on. */
export class UnfinishedError extends Error {}

/** The text means nothing to a shell, or nothing that is understood here. */
export class ShellSyntaxError extends Error {}

const operators = [';;&', '&&', '||', ';;', ';&', '|&', ';', '&', '|', '(', ')'];
const redirections = ['&>>', '<<<', '<<-', '&>', '>>', '<<', '>&', '<&', '<>', '>|', '>', '<'];
const arrayStart = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=$/u;

/** The tokens of shell text without comments. */
export function tokensOf(text: string): Token[] {
	const tokens: Token[] = [];
	for (let at = 0; at < text.length; ) {
		const char = text[at]!;
		if (char === ' ' || char === '\t') {
			at++;
			continue;
		}
		const token = tokenAt(text, at, mayBegin(tokens.at(-1)));
		tokens.push(token);
		at = token.to;
	}
	return tokens;
}

/** The texts in `$(…)`, backquotes and `<(…)` of a word, one level deep. */
export function substitutionsOf(word: string): string[] {
	const found: string[] = [];
	let isDouble = false;
	for (let at = 0; at < word.length; ) {
		const char = word[at]!;
		if (char === '\\') {
			at += 2;
		} else if (char === "'" && !isDouble) {
			at = closing(word, at);
		} else if (isSubstitution(word, at)) {
			const end = closing(word, at);
			const isBackquote = char === '`';
			found.push(word.slice(at + (isBackquote ? 1 : 2), end - 1));
			at = end;
		} else {
			isDouble = char === '"' ? !isDouble : isDouble;
			at++;
		}
	}
	return found;
}

/** Text without what is in single quotes or escaped: what is left is for the shell. */
export function expandedText(text: string): string {
	let rest = '';
	let isDouble = false;
	for (let at = 0; at < text.length; at++) {
		const char = text[at]!;
		if (char === '\\') {
			at++;
		} else if (char === "'" && !isDouble) {
			const end = text.indexOf("'", at + 1);
			at = end < 0 ? text.length : end;
		} else {
			isDouble = char === '"' ? !isDouble : isDouble;
			rest += char;
		}
	}
	return rest;
}

/** A word as the shell would pass it on; undefined where that depends on more than the word. */
export function literalOf(word: string): string | undefined {
	const part = /'([^']*)'|"((?:[^"\\$`]|\\.)*)"|\\(.)|([^\\'"$`*?[\]]+)|(.)/gsy;
	let text = '';
	for (const [, single, double, escaped, plain, other] of word.matchAll(part)) {
		if (other !== undefined) {
			return undefined;
		}
		text += single ?? double?.replaceAll(/\\(["\\$`])/gu, '$1') ?? escaped ?? plain ?? '';
	}
	return text;
}

const leaders = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', 'for', '{', '!', 'time']);

// Whether `((` after this token is arithmetic.
function mayBegin(before: Token | undefined): boolean {
	return before?.kind === 'word' ? leaders.has(before.text) : before?.kind !== 'operator' || before.text !== ')';
}

function tokenAt(text: string, at: number, isFirst: boolean): Token {
	const make = (kind: Token['kind'], to: number): Token => ({ kind, text: text.slice(at, to), from: at, to });
	if (text[at] === '\n') {
		return make('newline', at + 1);
	}
	if (text.startsWith('((', at) && isFirst) {
		const end = arithmeticEnd(text, at);
		if (end !== undefined) {
			return make('arithmetic', end);
		}
	}
	const isProcess = /^[<>]\(/u.test(text.slice(at, at + 2));
	const redirection = isProcess ? undefined : redirections.find((one) => text.startsWith(one, at));
	if (redirection !== undefined) {
		return make('redirection', at + redirection.length);
	}
	const operator = operators.find((one) => text.startsWith(one, at));
	return operator !== undefined ? make('operator', at + operator.length) : make('word', wordEnd(text, at));
}

function wordEnd(text: string, from: number): number {
	let at = from;
	while (at < text.length && !/[\s;&|)]/u.test(text[at]!)) {
		const char = text[at]!;
		if (char === '(' || char === '<' || char === '>') {
			const before = text.slice(from, at);
			const isProcess = char !== '(' && text[at + 1] === '(';
			const isArray = char === '(' && (arrayStart.test(before) || /[@?*+!]$/u.test(before));
			if (!isProcess && !isArray) {
				break;
			}
			at = closing(text, isProcess ? at + 1 : at);
		} else {
			at = closing(text, at);
		}
	}
	return at;
}

/** Where what begins at `at` ends: a quote, a substitution, brackets, or just this one character. */
function closing(text: string, at: number, isDouble = false): number {
	switch (text[at]) {
		case '\\':
			return Math.min(at + 2, text.length);
		case "'":
			return isDouble ? at + 1 : after(text, "'", at + 1);
		case '"':
			return nested(text, at + 1, '"', true);
		case '`':
			return escapedEnd(text, at + 1, '`');
		case '(':
		case '<':
		case '>':
			return isDouble ? at + 1 : nested(text, text[at] === '(' ? at + 1 : at + 2, ')', false);
		case '$':
			return expansionEnd(text, at, isDouble);
		default:
			return at + 1;
	}
}

function expansionEnd(text: string, at: number, isDouble: boolean): number {
	switch (text[at + 1]) {
		case '(':
			return nested(text, at + 2, ')', false);
		case '{':
			return nested(text, at + 2, '}', isDouble);
		case "'":
			return isDouble ? at + 1 : escapedEnd(text, at + 2, "'");
		default:
			return at + 1;
	}
}

function nested(text: string, from: number, close: string, isDouble: boolean): number {
	for (let at = from; at < text.length; ) {
		const char = text[at]!;
		if (char === close) {
			return at + 1;
		}
		// A `<` in brackets is no process, nor a bracket in a `${…}` a subshell.
		const isPlain = char === '<' || char === '>' || (char === '(' && close === '}');
		at = isPlain ? at + 1 : closing(text, at, isDouble);
	}
	throw new UnfinishedError();
}

function after(text: string, close: string, from: number): number {
	const at = text.indexOf(close, from);
	if (at < 0) {
		throw new UnfinishedError();
	}
	return at + close.length;
}

function escapedEnd(text: string, from: number, close: string): number {
	for (let at = from; at < text.length; at += text[at] === '\\' ? 2 : 1) {
		if (text[at] === close) {
			return at + 1;
		}
	}
	throw new UnfinishedError();
}

// `((…))`, unless the brackets turn out to be those of subshells.
function arithmeticEnd(text: string, at: number): number | undefined {
	const end = closing(text, at + 1);
	return text[end] === ')' ? end + 1 : undefined;
}

function isSubstitution(word: string, at: number): boolean {
	return word[at] === '`' || (/^[$<>]\(/u.test(word.slice(at, at + 2)) && !word.startsWith('$((', at));
}
