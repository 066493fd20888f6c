import { GinError } from './gin-error.ts';
import { isSelector } from './selector-map.ts';
import type { State } from './state.ts';

/** A text extends the active scope, a list replaces it, undefined or the empty text clears it. */
export type ScopeRequest = string | readonly string[] | undefined;

/** Runs `action` in a scope. */
export function withScope<Result>(state: State, request: ScopeRequest, action: () => Result): Result {
	const scope =
		request === undefined || request === ''
			? []
			: typeof request === 'string'
				? extended(state, request)
				: [...request];
	if (!scope.every(isSelector)) {
		throw new GinError('bad_scope', 'ValueError', `Invalid value for \`name_or_scope\`: ${JSON.stringify(request)}.`);
	}
	state.scopes.push(scope);
	try {
		return action();
	} finally {
		state.scopes.pop();
	}
}

/** Every prefix of a scope, the empty one first. */
export function prefixes(scope: readonly string[]): string[] {
	return ['', ...scope.map((_, index) => scope.slice(0, index + 1).join('/'))];
}

function extended(state: State, text: string): string[] {
	return [...state.scope, ...text.split('/')];
}
