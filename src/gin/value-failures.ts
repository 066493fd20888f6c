import { literalFailure, pythonSpelling } from './literals.ts';
import { Failure } from './problems.ts';
import { found } from './selectors.ts';
import type { TokenReader } from './token-reader.ts';
import { token } from './tokens.ts';

/** The longest part of a name that a message repeats. */
const shownName = 80;

/** The failure for a name that stands where a value should; says what may have been meant. */
export function nameIsNoValue(written: string, start: number, end: number): Failure {
	const name = written.length > shownName ? `${written.slice(0, shownName)}...` : written;
	const python = pythonSpelling(written);
	const meant =
		python === undefined
			? `a text needs quotes ('${name}'), a macro "%${name}", a component "@${name}"`
			: `gin writes ${python}`;
	return literalFailure(`${name} is not a value; ${meant}`, start, end);
}

/** The failure for a token that no value begins with. */
export function noValue({ lexer, text }: TokenReader): Failure {
	const { start, end } = lexer;
	const quote = text[start];
	if (lexer.kind === token.error && (quote === "'" || quote === '"')) {
		return new Failure('syntax.value', 'this string is not closed on its line', start, end);
	}
	if (lexer.kind === token.error && quote === '\\') {
		return new Failure('syntax.value', '"\\" continues a line only as its very last character', start, end);
	}
	const braces = bracesAt(text, start);
	if (braces !== undefined) {
		return new Failure('syntax.value', `a macro is written %${braces}, not \${${braces}}`, start, end);
	}
	return new Failure('syntax.value', `a value is expected${found(lexer)}`, start, end);
}

/** The name in `${params.x}`, which is how other languages write a macro; undefined where the text has another form. */
export function bracesAt(text: string, start = 0): string | undefined {
	const pattern = /\$\{\s*([A-Za-z_][\w./]*)\s*\}/uy;
	pattern.lastIndex = start;
	return pattern.exec(text)?.[1];
}

/** The failure for brackets or calls nested too deep. */
export function tooDeep(most: number, start: number, end: number): Failure {
	return new Failure('recursion', `brackets may be nested at most ${most} deep`, start, end, 'RecursionError');
}
