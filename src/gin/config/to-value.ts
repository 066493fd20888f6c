import type { Value } from '../ast.ts';
import type { Datum, ResolvedReference } from './data.ts';
import type { State } from './state.ts';

/** A value with its references spelled as the text being printed spells them. */
export function toValue(state: State, datum: Datum): Value {
	switch (datum.type) {
		case 'list':
		case 'tuple':
			return { type: datum.type, items: datum.items.map((item) => toValue(state, item)) };
		case 'dict':
			return {
				type: 'dict',
				entries: datum.entries.map(([key, value]) => [toValue(state, key), toValue(state, value)]),
			};
		case 'resolved':
			return spelled(state, datum);
		case 'unknown':
			return { type: 'reference', scope: '', selector: datum.selector, evaluate: datum.evaluate };
		case 'set':
		case 'callable':
		case 'host':
			// Only a macro can get here, and gin prints what cannot be read back.
			return { type: 'string', value: `<${datum.type}>` };
		default:
			return datum;
	}
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

function spelled(state: State, datum: ResolvedReference): Extract<Value, { type: 'reference' | 'macro' }> {
	if (isMacroLike(datum)) {
		return { type: 'macro', scope: datum.scopes.slice(0, -1).join('/'), name: datum.scopes.at(-1) ?? '' };
	}
	const { printing } = state.context;
	const selector = printing?.isDynamic ? printing.spell(datum.configurable) : datum.selector;
	return { type: 'reference', scope: datum.scopes.join('/'), selector, evaluate: datum.evaluate };
}
