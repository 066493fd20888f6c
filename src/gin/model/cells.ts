import { builtin } from './builtins.ts';
import { joinScope, splitScope } from './scopes.ts';

/** What one line binds, however it is spelled: a parameter of a component in a scope. */
export interface Cell {
	readonly scope: string;
	/** The complete name of the component, or the selector as written where it names none. */
	readonly selector: string;
	/** The parameter's own name, or the name as written where there is no such parameter. */
	readonly parameter: string;
}

/** What is known of the names that lines and values use. */
export interface Vocabulary {
	/** The complete name that a selector means, or those it may mean. */
	select(selector: string): { readonly name?: string | undefined; readonly candidates?: readonly string[] | undefined };
	/** The own name of a parameter that may be written by another one. */
	parameter(component: string, written: string): string;
}

/** A vocabulary of gin's own names only, for texts that are read before any component is known. */
export const noComponents: Vocabulary = {
	select(selector) {
		const name = Object.values(builtin).find((own) => own === selector || own === `gin.${selector}`);
		return name === undefined ? { candidates: [] } : { name };
	},
	parameter: (_component, written) => written,
};

/** The cell of `scope/selector.parameter`. */
export function cellOf(scope: string, selector: string, parameter: string, vocabulary: Vocabulary): Cell {
	const { name } = vocabulary.select(selector);
	return name === undefined
		? { scope, selector, parameter }
		: { scope, selector: name, parameter: vocabulary.parameter(name, parameter) };
}

/** The cell of the macro `path = …`. */
export function macroCell(path: string): Cell {
	return { scope: path, selector: builtin.macro, parameter: 'value' };
}

/** Whether a cell is that of a macro. */
export function isMacroCell({ selector, parameter }: Pick<Cell, 'selector' | 'parameter'>): boolean {
	return selector === builtin.macro && parameter === 'value';
}

/** Whether a cell is the constructor of a singleton. */
export function isSingletonCell({ selector, parameter }: Pick<Cell, 'selector' | 'parameter'>): boolean {
	return selector === builtin.singleton && parameter === 'constructor';
}

/** One text per cell. */
export function cellId({ scope, selector, parameter }: Cell): string {
	return joinScope(scope, `${selector}.${parameter}`);
}

/** A cell as a line spells it: `scope/component.parameter`, or for a macro its path. */
export function spelled({ scope, selector, parameter }: Cell): string {
	// The default of all macros has no shorter spelling.
	return isMacroCell({ selector, parameter }) && scope !== '' ? scope : joinScope(scope, `${selector}.${parameter}`);
}

/** `a/b/mlp.units` or `%a/lr` in parts; undefined for what is neither. */
export function parseKey(key: string): Cell | undefined {
	if (key.startsWith('%')) {
		return macroCell(key.slice(1));
	}
	const [scope, name] = splitScope(key);
	const dot = name.lastIndexOf('.');
	return dot === -1 ? undefined : { scope, selector: name.slice(0, dot), parameter: name.slice(dot + 1) };
}
