import { TokenCursor } from './cursor.ts';
import type { Chain, Command, Link, List, Part } from './syntax.ts';

/** Understands shell text without comments. Throws `UnfinishedError` where it goes on, `ShellSyntaxError` where it is wrong. */
export function parseShell(text: string): List {
	const parser = new Parser(text);
	return parser.all();
}

const openers: Readonly<Record<string, true>> = {
	'{': true,
	if: true,
	while: true,
	until: true,
	for: true,
	select: true,
	case: true,
	function: true,
	'[[': true,
};
const closers = new Set(['}', 'fi', 'then', 'elif', 'else', 'do', 'done', 'esac', ']]']);

class Parser extends TokenCursor {
	all(): List {
		const list = this.#list();
		if (this.peek() !== undefined) {
			throw this.unexpected();
		}
		return list;
	}

	#list(): List {
		const chains: Chain[] = [];
		this.skipNewlines();
		while (this.#beginsCommand()) {
			const links = this.#chain();
			const isBackground = this.takeIf('&');
			chains.push({ links, isBackground });
			const isSeparated = isBackground || this.takeIf(';') || this.peek()?.kind === 'newline';
			if (!isSeparated) {
				break;
			}
			this.skipNewlines();
		}
		return { chains };
	}

	#chain(): Link[] {
		const links: Link[] = [];
		for (let after: Link['after'] = ''; ; ) {
			const commands = this.#pipeline();
			links.push({ after, commands, to: this.end });
			const next = this.peek()?.text;
			if (next !== '&&' && next !== '||') {
				return links;
			}
			after = next;
			this.skip();
			this.skipNewlines();
		}
	}

	#pipeline(): Command[] {
		while (this.takeWord('!') || this.takeWord('time')) {
			this.takeWord('-p');
		}
		const commands = [this.#command()];
		while (this.takeIf('|') || this.takeIf('|&')) {
			this.skipNewlines();
			commands.push(this.#command());
		}
		return commands;
	}

	#command(): Command {
		const token = this.need();
		if (token.kind === 'arithmetic') {
			this.skip();
			this.#redirections();
			return { kind: 'test', words: [token.text] };
		}
		if (token.text === '(' && token.kind === 'operator') {
			this.skip();
			this.#list();
			this.expect(')');
			this.#redirections();
			return { kind: 'subshell' };
		}
		if (token.kind === 'word' && Object.hasOwn(openers, token.text)) {
			const command = this.#compound(token.text);
			this.#redirections();
			return command;
		}
		return this.#simple();
	}

	#compound(opener: string): Command {
		this.skip();
		switch (opener) {
			case '{':
				return this.#block('{', [this.#until('}')]);
			case 'if':
				return this.#block('if', this.#branches());
			case 'while':
			case 'until':
				return this.#block(opener, [this.#until('do', true), this.#until('done')]);
			case 'for':
			case 'select':
				return this.#loop(opener);
			case 'case':
				return this.#cases();
			case '[[':
				return { kind: 'test', words: this.#words(']]') };
			default:
				return this.#function(this.word());
		}
	}

	#block(type: string, parts: readonly Part[], variable?: string): Command {
		return { kind: 'block', type, parts, ...(variable === undefined ? {} : { variable }) };
	}

	#until(closer: string, isCondition = false): Part {
		const list = this.#list();
		this.expect(closer);
		return { isCondition, list };
	}

	#branches(): Part[] {
		const parts = [this.#until('then', true)];
		for (;;) {
			parts.push({ isCondition: false, list: this.#list() });
			if (this.takeWord('elif')) {
				parts.push(this.#until('then', true));
			} else if (this.takeWord('else')) {
				return [...parts, this.#until('fi')];
			} else {
				this.expect('fi');
				return parts;
			}
		}
	}

	#loop(type: string): Command {
		const token = this.need();
		this.skip();
		this.skipNewlines();
		if (this.takeWord('in')) {
			while (this.peek()?.kind === 'word') {
				this.skip();
			}
		}
		this.takeIf(';');
		this.skipNewlines();
		const closer = this.takeWord('{') ? '}' : 'done';
		if (closer === 'done') {
			this.expect('do');
		}
		return this.#block(type, [this.#until(closer)], token.kind === 'word' ? token.text : undefined);
	}

	#cases(): Command {
		this.word();
		this.skipNewlines();
		this.expect('in');
		const parts: Part[] = [];
		for (this.skipNewlines(); !this.takeWord('esac'); this.skipNewlines()) {
			this.takeIf('(');
			this.word();
			while (this.takeIf('|')) {
				this.word();
			}
			this.expect(')');
			parts.push({ isCondition: false, list: this.#list() });
			const isEnded = this.takeIf(';;') || this.takeIf(';&') || this.takeIf(';;&');
			if (!isEnded) {
				this.skipNewlines();
				this.expect('esac');
				break;
			}
		}
		return this.#block('case', parts);
	}

	#function(name: string): Command {
		if (this.takeIf('(')) {
			this.expect(')');
		}
		this.skipNewlines();
		return { kind: 'function', name, body: this.#command() };
	}

	#simple(): Command {
		const assignments: string[] = [];
		const words: string[] = [];
		const redirections: string[] = [];
		for (;;) {
			redirections.push(...this.#redirections());
			const token = this.peek();
			if (token?.kind !== 'word') {
				break;
			}
			this.skip();
			const isAssignment = words.length === 0 && /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/u.test(token.text);
			(isAssignment ? assignments : words).push(token.text);
			if (words.length === 1 && assignments.length === 0 && this.peek()?.text === '(') {
				return this.#function(token.text);
			}
		}
		if (assignments.length + words.length + redirections.length === 0) {
			throw this.unexpected();
		}
		return { kind: 'simple', assignments, words, redirections };
	}

	#redirections(): string[] {
		const found: string[] = [];
		for (;;) {
			const token = this.peek();
			const next = this.second();
			// `2>` is no word and a redirection.
			const isNumbered =
				token?.kind === 'word' &&
				next?.kind === 'redirection' &&
				next.from === token.to &&
				/^(?:\d+|\{\w+\})$/u.test(token.text);
			if (token?.kind !== 'redirection' && !isNumbered) {
				return found;
			}
			this.skip(isNumbered ? 2 : 1);
			found.push(`${isNumbered ? next!.text : token!.text} ${this.word()}`);
		}
	}

	#words(closer: string): string[] {
		const words: string[] = [];
		for (;;) {
			const token = this.need();
			this.skip();
			if (token.text === closer) {
				return words;
			}
			words.push(token.text);
		}
	}

	#beginsCommand(): boolean {
		const token = this.peek();
		if (token === undefined || token.kind === 'newline') {
			return false;
		}
		return token.kind === 'operator' ? token.text === '(' : !closers.has(token.text);
	}
}
