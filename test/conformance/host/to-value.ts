import type { Value } from '../../../src/gin/ast.ts';
import { reprValue } from '../../../src/gin/printer.ts';
import type { Datum, ResolvedReference } from './data.ts';
import type { State } from './state.ts';

/** The first of the characters that no text contains and that stand in for what has no literal. */
const firstStandIn = 0xe000;

/** A value to print, and the texts to put where it holds something without a literal. */
export interface Printable {
	readonly value: Value;
	/** Puts the texts into the printed value. */
	readonly complete: (printed: string) => string;
}

/** A value with its references spelled as the text being printed spells them. */
export function printable(state: State, datum: Datum): Printable {
	const texts: string[] = [];
	const value = convert(state, datum, texts);
	const complete = (printed: string) =>
		texts.reduce((result, text, index) => result.replace(standInText(text, index), () => text), printed);
	return { value, complete };
}

/** `@scope/name`, `@scope/name()`, or `%name` for a macro or constant. */
export function referenceText(state: State, datum: ResolvedReference): string {
	const value = spelled(state, datum);
	const scope = value.scope === '' ? '' : `${value.scope}/`;
	return value.type === 'macro' ? `%${scope}${value.name}` : `@${scope}${value.selector}${value.evaluate ? '()' : ''}`;
}

/** Whether a reference prints as `%name`. */
export function isMacroLike({ evaluate, configurable }: ResolvedReference): boolean {
	return evaluate && (configurable.selector === 'gin.macro' || configurable.selector === 'gin.constant');
}

function convert(state: State, datum: Datum, texts: string[]): Value {
	switch (datum.type) {
		case 'list':
		case 'tuple':
			return { type: datum.type, items: datum.items.map((item) => convert(state, item, texts)) };
		case 'dict':
			return {
				type: 'dict',
				entries: datum.entries.map(([key, value]) => [convert(state, key, texts), convert(state, value, texts)]),
			};
		case 'resolved':
			return spelled(state, datum);
		case 'set':
			return standIn(setText(state, datum.items), texts);
		case 'unknown':
			return standIn(`<reference @${datum.selector}>`, texts);
		case 'callable':
			return standIn(`<function ${datum.configurable.target.name}>`, texts);
		case 'host':
			return standIn(datum.text ?? '<object>', texts);
		default:
			return datum;
	}
}

function spelled(state: State, datum: ResolvedReference): Extract<Value, { type: 'reference' | 'macro' }> {
	if (isMacroLike(datum)) {
		return { type: 'macro', scope: datum.scopes.slice(0, -1).join('/'), name: datum.scopes.at(-1) ?? '' };
	}
	const { printing } = state.context;
	const selector = printing?.isDynamic ? printing.spell(datum.configurable) : datum.selector;
	return { type: 'reference', scope: datum.scopes.join('/'), selector, evaluate: datum.evaluate };
}

// A reference is never broken over lines; this one is as wide as the text that replaces it.
function standIn(text: string, texts: string[]): Value {
	const selector = standInText(text, texts.length).slice(1);
	texts.push(text);
	return { type: 'reference', scope: '', selector, evaluate: false };
}

function standInText(text: string, index: number): string {
	return `@${String.fromCharCode(firstStandIn + index).repeat(Math.max(1, [...text].length - 1))}`;
}

function setText(state: State, items: readonly Datum[]): string {
	const texts = items.map((item) => {
		const { value, complete } = printable(state, item);
		return complete(reprValue(value));
	});
	return texts.length === 0 ? 'set()' : `{${texts.join(', ')}}`;
}
