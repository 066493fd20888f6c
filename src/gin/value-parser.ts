import { readStrings } from './adjacent-strings.ts';
import type { CallValue, EnvValue, MacroValue, ReferenceValue, Value } from './ast.ts';
import { distinctEntries } from './distinct-entries.ts';
import { type CallName, callProblem, isCallName } from './extension-calls.ts';
import { literalFailure, nameLiteral, numberLiteral } from './literals.ts';
import { Failure } from './problems.ts';
import { found, readSelector } from './selectors.ts';
import { TokenReader } from './token-reader.ts';
import { token } from './tokens.ts';
import { nameIsNoValue, noValue, tooDeep } from './value-failures.ts';

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

/** Reads values; every method throws a Failure at the first mistake. */
export class ValueParser extends TokenReader {
	/** References and macros read since this was last emptied. */
	references: Array<ReferenceValue | MacroValue> = [];
	/** Whether a macro of a dotted name was read. */
	hasDottedMacros = false;
	#nesting = 0;

	/** Reads the value at an offset outside all brackets, where one is known to stand. */
	valueAt(offset: number): Value {
		this.lexer.seek(offset);
		this.lexer.next();
		this.reset();
		return this.value();
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
				throw noValue(this);
		}
	}

	/** Forgets how deep a failed value was. */
	clearNesting(): void {
		this.#nesting = 0;
	}

	/** Hands over the references read so far: those that follow a mistake are not among them. */
	takeReferences(): Array<ReferenceValue | MacroValue> {
		const { references } = this;
		this.references = [];
		return references;
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
			return readStrings(this);
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
		if (this.extensions && isCallName(name)) {
			return this.#call(name, start, end);
		}
		throw nameIsNoValue(name, start, end);
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
			throw tooDeep(maxDepth, start, lexer.end);
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
		return { type: 'dict', ...distinctEntries(entries, span), span };
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
		this.hasDottedMacros ||= selector.lastDot >= 0;
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

	// One of the closed list of calls.
	#call(name: CallName, start: number, nameEnd: number): CallValue {
		const { lexer } = this;
		this.advance();
		if (lexer.kind !== open.round) {
			throw nameIsNoValue(name, start, nameEnd);
		}
		this.advance();
		const args: Value[] = [];
		while (lexer.kind !== close.round) {
			args.push(this.#nested());
			this.#separator(close.round);
		}
		const { end } = lexer;
		this.advance();
		const problem = callProblem(name, args);
		if (problem !== undefined) {
			throw new Failure('syntax.call', problem, start, end);
		}
		return { type: 'call', name, args, span: { source: this.source, start, end } };
	}

	#nested(): Value {
		if (++this.#nesting > maxDepth) {
			throw tooDeep(maxDepth, this.lexer.start, this.lexer.end);
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
}
