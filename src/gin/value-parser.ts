import type { DictValue, EnvValue, MacroValue, ReferenceValue, Source, Span, Value } from './ast.ts';
import { Lexer } from './lexer.ts';
import { joinString, literalFailure, nameLiteral, numberLiteral, pythonSpelling, rejoinStrings } from './literals.ts';
import { Failure } from './problems.ts';
import { found, readSelector } from './selectors.ts';
import { token } from './tokens.ts';
import { keyIdentity } from './values.ts';

/** Brackets nested deeper than this are refused; Python gives up at about the same depth. */
export const maxDepth = 450;

const inReference = { scopes: true, dotsInScopes: true };
const open = { round: 40, square: 91, curly: 123 };
const close = { round: 41, square: 93, curly: 125 };
const comma = 44;
const minus = 45;
const colon = 58;
const at = 64;
const percent = 37;

/** Reads values from a lexer; every method throws a Failure at the first mistake. */
export class ValueParser {
	readonly lexer: Lexer;
	readonly text: string;
	/** Inside a block the end of the indentation is a token of its own. */
	inBlock = false;
	/** References and macros read since this was last emptied. */
	references: Array<ReferenceValue | MacroValue> = [];
	#nesting = 0;

	constructor(
		readonly source: Source,
		readonly extensions: boolean,
	) {
		this.lexer = new Lexer(source, extensions);
		this.text = source.text;
	}

	/** Passes over line breaks that mean nothing here. */
	skip(): void {
		const { lexer, inBlock } = this;
		while (
			lexer.kind === token.softNewline ||
			(!inBlock && (lexer.kind === token.indent || lexer.kind === token.dedent))
		) {
			lexer.next();
		}
	}

	/** Moves on, and passes over line breaks that mean nothing here. */
	advance(): void {
		this.lexer.next();
		this.skip();
	}

	span(start: number, end: number = this.lexer.lastEnd): Span {
		return { source: this.source, start, end };
	}

	value(): Value {
		const { lexer } = this;
		switch (lexer.kind) {
			case open.round:
			case open.square:
			case open.curly:
				return this.#container();
			case token.name:
			case token.number:
			case token.string:
				return this.#literal();
			case minus:
				return this.#negative();
			case at:
				return this.#reference();
			case percent:
				return this.#macro();
			default:
				throw this.#noValue();
		}
	}

	/** Forgets how deep a failed value was. */
	clearNesting(): void {
		this.#nesting = 0;
	}

	/** Begins the next statement. */
	reset(): void {
		if (this.references.length > 0) {
			this.references = [];
		}
	}

	#literal(): Value {
		const { lexer, text } = this;
		const { kind, start, end } = lexer;
		if (kind === token.string) {
			return this.#string();
		}
		const span = { source: this.source, start, end };
		const name = text.slice(start, end);
		const value = kind === token.number ? numberLiteral(name, false, span) : nameLiteral(name, this.extensions, span);
		if (value !== undefined) {
			this.advance();
			return value;
		}
		if (this.extensions && name === 'env') {
			return this.#environment();
		}
		throw literalFailure(`${name} is not a value; ${this.#meant(name)}`, start, end);
	}

	#string(): Value {
		const { lexer, text, source } = this;
		const { start } = lexer;
		let { end } = lexer;
		let value = joinString(undefined, text, start, end);
		this.advance();
		if (lexer.kind === token.string) {
			const offsets = [start, end];
			while (lexer.kind === token.string) {
				({ end } = lexer);
				value = joinString(value, text, lexer.start, end);
				offsets.push(lexer.start, end);
				this.advance();
			}
			value = (this.extensions ? undefined : rejoinStrings(text, offsets)) ?? value;
		}
		const span = { source, start, end };
		return value.type === 'string'
			? { type: 'string', value: value.value, span }
			: { type: 'bytes', value: value.value, span };
	}

	#meant(name: string): string {
		const python = pythonSpelling(name);
		return python === undefined
			? `a text needs quotes ('${name}'), a macro "%${name}", a component "@${name}"`
			: `gin writes ${python}`;
	}

	#negative(): Value {
		const { lexer } = this;
		const { start } = lexer;
		this.advance();
		if (lexer.kind === token.number) {
			const digits = this.text.slice(lexer.start, lexer.end);
			const value = numberLiteral(digits, true, { source: this.source, start, end: lexer.end });
			this.advance();
			return value;
		}
		if (lexer.kind === token.name || lexer.kind === token.string) {
			throw literalFailure('"-" may stand before a number only', lexer.start, lexer.end);
		}
		// gin drops the minus of -%m and -@f without a word.
		if (!this.extensions && (lexer.kind === at || lexer.kind === percent)) {
			return this.value();
		}
		throw new Failure('syntax.value', `"-" may stand before a number only${found(lexer)}`, lexer.start, lexer.end);
	}

	#container(): Value {
		const { lexer } = this;
		const { start, kind } = lexer;
		if (++this.#nesting > maxDepth) {
			throw new Failure(
				'recursion',
				`brackets may be nested at most ${maxDepth} deep`,
				start,
				lexer.end,
				'RecursionError',
			);
		}
		this.advance();
		const value = kind === open.curly ? this.#dict(start) : this.#sequence(start, kind);
		this.#nesting--;
		return value;
	}

	#sequence(start: number, kind: number): Value {
		const { lexer } = this;
		const closing = kind === open.round ? close.round : close.square;
		const items: Value[] = [];
		let sawComma = false;
		while (lexer.kind !== closing) {
			items.push(this.value());
			sawComma = this.#separator(closing) || sawComma;
		}
		const span = this.span(start, lexer.end);
		this.advance();
		if (kind === open.round && items.length === 1 && !sawComma) {
			return items[0]!;
		}
		return kind === open.round ? { type: 'tuple', items, span } : { type: 'list', items, span };
	}

	#dict(start: number): Value {
		const { lexer } = this;
		const entries: Array<readonly [Value, Value]> = [];
		while (lexer.kind !== close.curly) {
			const key = this.value();
			if (lexer.kind !== colon) {
				throw new Failure(
					'syntax.expected_colon',
					`":" is expected between a key and its value${found(lexer)}`,
					lexer.start,
					lexer.end,
				);
			}
			this.advance();
			entries.push([key, this.value()]);
			this.#separator(close.curly);
		}
		const span = this.span(start, lexer.end);
		this.advance();
		return { type: 'dict', ...distinct(entries, span), span };
	}

	#separator(closing: number): boolean {
		const { lexer } = this;
		if (lexer.kind === comma) {
			this.advance();
			return true;
		}
		if (lexer.kind !== closing) {
			throw new Failure(
				'syntax.expected_comma_or_close',
				`"," or "${String.fromCharCode(closing)}" is expected${found(lexer)}`,
				lexer.start,
				lexer.end,
			);
		}
		return false;
	}

	#reference(): Value {
		const { lexer } = this;
		const { start } = lexer;
		lexer.next();
		const selector = readSelector(lexer, inReference);
		let { end } = selector;
		this.skip();
		let evaluate = false;
		if (lexer.kind === open.round) {
			this.advance();
			if (lexer.kind !== close.round) {
				throw new Failure(
					'syntax.expected_close_paren',
					`nothing may stand between the parentheses of a reference; bind its parameters instead${found(lexer)}`,
					lexer.start,
					lexer.end,
				);
			}
			evaluate = true;
			end = lexer.end;
			this.advance();
		}
		const slash = selector.lastSlash;
		const reference: ReferenceValue = {
			type: 'reference',
			scope: slash < 0 ? '' : this.text.slice(selector.start, slash),
			selector: this.text.slice(slash < 0 ? selector.start : slash + 1, selector.end),
			evaluate,
			span: { source: this.source, start, end },
		};
		this.references.push(reference);
		return reference;
	}

	#macro(): Value {
		const { lexer } = this;
		const { start } = lexer;
		lexer.next();
		const selector = readSelector(lexer, inReference);
		this.skip();
		const slash = selector.lastSlash;
		const macro: MacroValue = {
			type: 'macro',
			scope: slash < 0 ? '' : this.text.slice(selector.start, slash),
			name: this.text.slice(slash < 0 ? selector.start : slash + 1, selector.end),
			span: { source: this.source, start, end: selector.end },
		};
		this.references.push(macro);
		return macro;
	}

	// env('NAME') or env('NAME', fallback).
	#environment(): EnvValue {
		const { lexer } = this;
		const { start } = lexer;
		const wanted = "env is written env('NAME') or env('NAME', fallback)";
		this.advance();
		this.#expectIn(open.round, wanted);
		const nameAt = lexer.start;
		const name = lexer.kind === token.string ? this.#literal() : undefined;
		if (name?.type !== 'string' || name.value === '') {
			throw new Failure('syntax.env', wanted, nameAt, Math.max(nameAt, lexer.lastEnd));
		}
		let fallback: Value | undefined;
		if (lexer.kind === comma) {
			this.advance();
			if (lexer.kind !== close.round) {
				fallback = this.#nested();
				if (lexer.kind === comma) {
					this.advance();
				}
			}
		}
		const { end } = lexer;
		this.#expectIn(close.round, wanted);
		return { type: 'env', name: name.value, fallback, span: { source: this.source, start, end } };
	}

	#nested(): Value {
		if (++this.#nesting > maxDepth) {
			const { start, end } = this.lexer;
			throw new Failure('recursion', `brackets may be nested at most ${maxDepth} deep`, start, end, 'RecursionError');
		}
		const value = this.value();
		this.#nesting--;
		return value;
	}

	#expectIn(kind: number, wanted: string): void {
		const { lexer } = this;
		if (lexer.kind !== kind) {
			throw new Failure('syntax.env', `${wanted}${found(lexer)}`, lexer.start, lexer.end);
		}
		this.advance();
	}

	#noValue(): Failure {
		const { lexer } = this;
		const { start, end } = lexer;
		const quote = this.text[start];
		if (lexer.kind === token.error && (quote === "'" || quote === '"')) {
			return new Failure('syntax.value', 'this string is not closed on its line', start, end);
		}
		if (lexer.kind === token.error && quote === '\\') {
			return new Failure('syntax.value', '"\\" continues a line only as its very last character', start, end);
		}
		return new Failure('syntax.value', `a value is expected${found(lexer)}`, start, end);
	}
}

// The last value of a key wins, the first spelling of the key stays.
function distinct(entries: ReadonlyArray<readonly [Value, Value]>, span: Span): Pick<DictValue, 'entries' | 'dropped'> {
	const byKey = new Map<string, readonly [Value, Value]>();
	const dropped: Value[] = [];
	for (const [key, value] of entries) {
		const identity = keyIdentity(key);
		if (identity === undefined) {
			const { start, end } = key.span ?? span;
			const type = unhashable(key);
			throw new Failure(
				'unhashable_key',
				`a ${type} cannot be the key of a dict: unhashable type: '${type}'`,
				start,
				end,
				'TypeError',
			);
		}
		const earlier = byKey.get(identity);
		if (earlier !== undefined) {
			dropped.push(earlier[1]);
		}
		byKey.set(identity, [earlier?.[0] ?? key, value]);
	}
	return dropped.length === 0 ? { entries } : { entries: [...byKey.values()], dropped };
}

function unhashable(value: Value): string {
	const inner = value.type === 'tuple' ? value.items.find((item) => keyIdentity(item) === undefined) : undefined;
	return inner === undefined ? value.type : unhashable(inner);
}
