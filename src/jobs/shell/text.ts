import { UsageError } from '../../core/errors.ts';
import { parseShell } from './grammar.ts';
import type { List } from './syntax.ts';
import { ShellSyntaxError, UnfinishedError } from './tokens.ts';

/** One command of a shell file, which may stretch over several lines of it. */
export interface Statement {
	/** Where it begins; the first line is 1. */
	readonly line: number;
	/** As written, without comments and the backslashes that join lines. */
	readonly text: string;
	/** Without comments and with single blanks: two lines that mean the same have the same one. */
	readonly normal: string;
	/** How many lines of the file it takes, without those joined by a backslash. */
	readonly lines: number;
	/** What a shell makes of `text`. */
	readonly list: List;
}

/** Splits a shell file into its commands; throws `UsageError` where it is not understood, with the line. */
export function statements(text: string, file = 'the list'): Statement[] {
	const scanner = new Scanner(text.replaceAll('\r\n', '\n'), file);
	return scanner.all();
}

/** What the scanner is in: a quote, or brackets that end with that character. */
type Mode = "'" | '"' | '`' | ')' | '}' | 'ansi';

// Blocks of more lines are no preparation, and each line of one means another look at all of it.
const longestBlock = 300;
// A text without any of these needs no look to tell whether it is whole.
const mayGoOn = /(?:^|[\s;&|(])(?:if|while|until|for|select|case|function|\{|\[\[)\s|\(\s*\)/u;

class Scanner {
	readonly #text: string;
	readonly #file: string;
	readonly #found: Statement[] = [];
	#at = 0;
	#line = 1;
	#begin = 1;
	#openLine = 1;
	readonly #modes: Mode[] = [];
	#raw = '';
	#normal = '';

	constructor(text: string, file: string) {
		this.#text = text;
		this.#file = file;
	}

	all(): Statement[] {
		while (this.#at < this.#text.length) {
			this.#step(this.#text[this.#at]!);
		}
		if (this.#modes.length > 0) {
			const what = this.#modes[0] === ')' || this.#modes[0] === '}' ? 'bracket' : 'quote';
			throw new UsageError('jobs.quote', `${this.#file}:${this.#openLine}: this ${what} is never closed.`);
		}
		this.#end(true);
		return this.#found;
	}

	#step(char: string): void {
		const mode = this.#modes.at(-1);
		if (this.#raw === '') {
			this.#begin = this.#line;
		}
		const isLiteral = mode === "'" || mode === 'ansi';
		if (char === '\\' && this.#text[this.#at + 1] === '\n' && !isLiteral) {
			this.#at += 2;
			this.#line++;
		} else if (char === '\\' && mode !== "'") {
			this.#take(2);
		} else if (mode === undefined || mode === ')') {
			this.#plain(char);
		} else {
			this.#inside(char, mode);
		}
	}

	#plain(char: string): void {
		const isNested = this.#modes.length > 0;
		if (char === '\n' && !isNested) {
			this.#newline();
		} else if (char === '#' && /^$|[\s;&|(]$/u.test(this.#raw)) {
			this.#skipComment();
		} else if (char === ' ' || char === '\t') {
			this.#raw += this.#raw === '' ? '' : char;
			this.#normal += /^$|\s$/u.test(this.#normal) ? '' : ' ';
			this.#at++;
		} else if (char === ')' && isNested) {
			this.#close();
		} else {
			this.#refuseHereDocument(char);
			this.#open(char, false);
		}
	}

	// In quotes, backquotes and `${…}`.
	#inside(char: string, mode: Mode): void {
		const isEnd = char === (mode === 'ansi' ? "'" : mode);
		if (isEnd) {
			this.#close();
		} else if (mode === '"' || mode === '}') {
			this.#open(char, mode === '"' || this.#modes.includes('"'));
		} else {
			this.#take(1);
		}
	}

	// What begins here, if anything does, lasts until `#close`.
	#open(char: string, isDouble: boolean): void {
		const isExpansion = char === '$' && /[({]/u.test(this.#text[this.#at + 1] ?? '');
		const mode = isExpansion ? this.#expansion() : this.#opened(char, isDouble);
		if (mode !== undefined) {
			this.#openLine = this.#modes.length === 0 ? this.#line : this.#openLine;
			this.#modes.push(mode);
		}
		this.#take(isExpansion ? 2 : 1);
	}

	#expansion(): Mode {
		return this.#text[this.#at + 1] === '(' ? ')' : '}';
	}

	#opened(char: string, isDouble: boolean): Mode | undefined {
		if (char === '"' || char === '`') {
			return char;
		}
		if (isDouble) {
			return undefined;
		}
		if (char === "'") {
			return this.#raw.endsWith('$') ? 'ansi' : "'";
		}
		const isBracket = char === '(' && this.#modes.at(-1) !== '}' && opensBracket(this.#raw, this.#modes);
		return isBracket ? ')' : undefined;
	}

	#close(): void {
		this.#modes.pop();
		this.#take(1);
	}

	#take(count: number): void {
		const taken = this.#text.slice(this.#at, this.#at + count);
		this.#line += taken.split('\n').length - 1;
		this.#raw += taken;
		this.#normal += taken;
		this.#at += count;
	}

	#skipComment(): void {
		const end = this.#text.indexOf('\n', this.#at);
		this.#at = end < 0 ? this.#text.length : end;
	}

	// A shell goes on to the next line after an operator that needs a right-hand side.
	#newline(): void {
		this.#at++;
		if (/(?:&&|\|\||\|)\s*$/u.test(this.#normal)) {
			this.#raw += ' ';
		} else {
			this.#end(false);
		}
		this.#line++;
	}

	#refuseHereDocument(char: string): void {
		if (
			char === '<' &&
			/^<<-?\s*["'\\\w]/u.test(this.#text.slice(this.#at, this.#at + 8)) &&
			!this.#raw.endsWith('<') &&
			!/\(\([^)]*$/u.test(this.#raw)
		) {
			throw new UsageError(
				'jobs.here_document',
				`${this.#file}:${this.#line}: a here-document cannot be part of a job list: a job is one command. Put it in a script of its own.`,
			);
		}
	}

	#end(isLast: boolean): void {
		const normal = this.#normal.trim();
		const text = this.#raw.trim();
		if (normal !== '') {
			const list = this.#parse(text, isLast);
			if (list === undefined) {
				this.#raw += '\n';
				this.#normal += '\n';
				return;
			}
			this.#found.push({ line: this.#begin, text, normal, lines: text.split('\n').length, list });
		}
		this.#raw = '';
		this.#normal = '';
	}

	// Undefined where the text goes on in the next line.
	#parse(text: string, isLast: boolean): List | undefined {
		const place = `${this.#file}:${this.#begin}`;
		const shown = text.length > 40 ? `${text.slice(0, 40).replaceAll('\n', ' ')}…` : text.replaceAll('\n', ' ');
		try {
			return parseShell(text);
		} catch (error) {
			const isUnfinished = error instanceof UnfinishedError;
			if (isUnfinished && !isLast && mayGoOn.test(`${text} `) && this.#line - this.#begin < longestBlock) {
				return undefined;
			}
			if (!isUnfinished && !(error instanceof ShellSyntaxError)) {
				throw error;
			}
			const why = isUnfinished ? 'has no end' : `is not understood near "${error.message.slice(0, 20)}"`;
			throw new UsageError(
				'jobs.syntax',
				`${place}: "${shown}" ${why}. Put it in a script of its own, or hide it between "# jobs: off" and "# jobs: on".`,
			);
		}
	}
}

// The `)` of a pattern in `case` closes nothing; so a bracket counts only where one is looked for.
function opensBracket(before: string, modes: readonly Mode[]): boolean {
	return modes.length > 0 || /(?:^|[\s;&|($<>!@?*+=])$/u.test(before);
}

/**
 * The words of a command that needs no shell: quotes are undone. Undefined where a shell would do more than split
 * (variables, globs, pipes, redirections, several commands).
 */
export function plainWords(command: string): string[] | undefined {
	const words: string[] = [];
	const part = /(\s+)|'([^']*)'|"([^"\\$`]*)"|([\w@%+=:,./-]+)|([\s\S])/gy;
	let word: string | undefined;
	for (const [, blank, single, double, bare, other] of command.matchAll(part)) {
		if (other !== undefined) {
			return undefined;
		}
		if (blank === undefined) {
			word = (word ?? '') + (single ?? double ?? bare ?? '');
		} else if (word !== undefined) {
			words.push(word);
			word = undefined;
		}
	}
	return word === undefined ? words : [...words, word];
}
