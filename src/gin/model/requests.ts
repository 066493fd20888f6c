import type { MacroValue, ReferenceValue } from '../ast.ts';
import { builtin } from './builtins.ts';
import type { Vocabulary } from './cells.ts';
import type { Constants } from './constants.ts';
import { joinScope } from './scopes.ts';

/** What a reference, a macro or a name in quotes asks for. */
export interface Request {
	/** The complete name. */
	readonly name: string;
	/** Empty where the scope counts in which it is called. */
	readonly scope: string;
	/** Whether the thing itself is wanted, or a way to call it. */
	readonly called: boolean;
}

/** Why nothing can be asked for. */
export interface Unnamed {
	readonly reason: 'unknown' | 'ambiguous' | 'ambiguous_constant';
	readonly selector: string;
	/** What it may mean, where that is several. */
	readonly candidates: readonly string[];
}

/** The component that a selector names, to be called in a scope or handed on. */
export function requestOf(
	{ scope, selector, evaluate }: Pick<ReferenceValue, 'scope' | 'selector' | 'evaluate'>,
	vocabulary: Vocabulary,
): Request | Unnamed {
	const { name, candidates = [] } = vocabulary.select(selector);
	if (name === undefined) {
		return { reason: candidates.length === 0 ? 'unknown' : 'ambiguous', selector, candidates };
	}
	return { name, scope, called: evaluate };
}

/** `%scope/name`: the one constant whose name ends so, else the macro. As in gin both are called references. */
export function macroRequest(
	{ scope, name }: Pick<MacroValue, 'scope' | 'name'>,
	constants: Pick<Constants<unknown>, 'matching'>,
): Request | Unnamed {
	const path = joinScope(scope, name);
	const matching = scope === '' ? constants.matching(name) : [];
	if (matching.length > 1) {
		return { reason: 'ambiguous_constant', selector: path, candidates: matching };
	}
	return matching[0] === undefined
		? { name: builtin.macro, scope: path, called: true }
		: { name: builtin.constant, scope: matching[0], called: true };
}
