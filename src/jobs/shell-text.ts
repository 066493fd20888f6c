import { UsageError } from '../core/errors.ts';

/** One command of a shell file, which may stretch over several lines of it. */
export interface Statement {
	/** Where it begins; the first line is 1. */
	readonly line: number;
	/** As written, without the backslashes that join lines. */
	readonly text: string;
	/** Without comments and with single blanks: two lines that mean the same have the same one. */
	readonly normal: string;
}

type Quote = 'none' | 'single' | 'double' | 'ansi';

/** Splits a shell file into its commands; throws `UsageError` on a quote that is never closed or on a here-document. */
export function statements(text: string, file = 'the list'): Statement[] {
	const scanner = new Scanner(text.replaceAll('\r\n', '\n'), file);
	return scanner.all();
}

class Scanner {
	readonly #text: string;
	readonly #file: string;
	readonly #found: Statement[] = [];
	#at = 0;
	#line = 1;
	#begin = 1;
	#quoteLine = 1;
	#quote: Quote = 'none';
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
		if (this.#quote !== 'none') {
			throw new UsageError('jobs.quote', `${this.#file}:${this.#quoteLine}: this quote is never closed.`);
		}
		this.#end();
		return this.#found;
	}

	#step(char: string): void {
		if (this.#raw === '') {
			this.#begin = this.#line;
		}
		const isJoin = char === '\\' && this.#text[this.#at + 1] === '\n';
		if (isJoin && (this.#quote === 'none' || this.#quote === 'double')) {
			this.#at += 2;
			this.#line++;
		} else if (char === '\\' && this.#quote !== 'single') {
			this.#take(2);
		} else if (this.#quote === 'none') {
			this.#plain(char);
		} else {
			this.#quoted(char);
		}
	}

	#plain(char: string): void {
		if (char === '\n') {
			this.#newline();
		} else if (char === "'" || char === '"') {
			this.#open(char);
		} else if (char === '#' && /^$|[\s;&|(]$/u.test(this.#raw)) {
			this.#skipComment();
		} else if (char === ' ' || char === '\t') {
			this.#raw += this.#raw === '' ? '' : char;
			this.#normal += this.#normal === '' || this.#normal.endsWith(' ') ? '' : ' ';
			this.#at++;
		} else {
			this.#refuseHereDocument(char);
			this.#take(1);
		}
	}

	#open(char: string): void {
		this.#quoteLine = this.#line;
		this.#quote = char === '"' ? 'double' : this.#raw.endsWith('$') ? 'ansi' : 'single';
		this.#take(1);
	}

	#quoted(char: string): void {
		const closing = this.#quote === 'double' ? '"' : "'";
		if (char === closing) {
			this.#quote = 'none';
		}
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
			this.#end();
		}
		this.#line++;
	}

	#refuseHereDocument(char: string): void {
		if (
			char === '<' &&
			/^<<-?\s*["'\\\w]/u.test(this.#text.slice(this.#at, this.#at + 8)) &&
			!this.#raw.endsWith('<')
		) {
			throw new UsageError(
				'jobs.here_document',
				`${this.#file}:${this.#line}: a here-document cannot be part of a job list: a job is one command. Put it in a script of its own.`,
			);
		}
	}

	#end(): void {
		const normal = this.#normal.trim();
		if (normal !== '') {
			this.#found.push({ line: this.#begin, text: this.#raw.trim(), normal });
		}
		this.#raw = '';
		this.#normal = '';
	}
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
