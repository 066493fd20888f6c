import { ShellSyntaxError, type Token, tokensOf, UnfinishedError } from './tokens.ts';

/** A place among the tokens of a shell text. */
export class TokenCursor {
	readonly #tokens: readonly Token[];
	#at = 0;

	constructor(text: string) {
		this.#tokens = tokensOf(text);
	}

	/** The next token, which has to be a word. */
	protected word(): string {
		const token = this.need();
		if (token.kind !== 'word') {
			throw this.unexpected();
		}
		this.#at++;
		return token.text;
	}

	/** The next token, where the text may not end. */
	protected need(): Token {
		const token = this.peek();
		if (token === undefined) {
			throw new UnfinishedError();
		}
		return token;
	}

	protected expect(text: string): void {
		if (this.need().text !== text) {
			throw this.unexpected();
		}
		this.#at++;
	}

	protected takeIf(operator: string): boolean {
		const token = this.peek();
		const isThere = token?.kind === 'operator' && token.text === operator;
		this.#at += isThere ? 1 : 0;
		return isThere;
	}

	protected takeWord(word: string): boolean {
		const token = this.peek();
		const isThere = token?.kind === 'word' && token.text === word;
		this.#at += isThere ? 1 : 0;
		return isThere;
	}

	protected skipNewlines(): void {
		while (this.peek()?.kind === 'newline') {
			this.#at++;
		}
	}

	protected peek(): Token | undefined {
		return this.#tokens[this.#at];
	}

	protected unexpected(): Error {
		const token = this.peek();
		return token === undefined ? new UnfinishedError() : new ShellSyntaxError(token.text);
	}

	/** The token after the next one. */
	protected second(): Token | undefined {
		return this.#tokens[this.#at + 1];
	}

	protected skip(count = 1): void {
		this.#at += count;
	}

	/** Where the last token taken ends in the text. */
	protected get end(): number {
		return this.#tokens[this.#at - 1]?.to ?? 0;
	}
}
