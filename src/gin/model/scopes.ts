/** How many scopes may be nested, and macros stand for macros. */
export const deepest = 100;

/** `a/b` of scope `a` and name `b`. */
export function joinScope(scope: string, name: string): string {
	return scope === '' ? name : `${scope}/${name}`;
}

/** The scope and the name of `a/b/c`: `a/b` and `c`. */
export function splitScope(text: string): readonly [scope: string, name: string] {
	const slash = text.lastIndexOf('/');
	return [text.slice(0, Math.max(0, slash)), text.slice(slash + 1)];
}

/** `a/b/c` gives itself, `a/b`, `a` and the empty scope: who is asked, in turn. */
export function enclosing(scope: string): string[] {
	if (scope === '') {
		return [''];
	}
	const scopes = [scope];
	// What is nested deeper is refused by the check; looking it up must not take for ever.
	for (let at = scope.lastIndexOf('/'); at !== -1 && scopes.length <= deepest; at = scope.lastIndexOf('/', at - 1)) {
		scopes.push(scope.slice(0, at));
	}
	return [...scopes, ''];
}

/** Whether what is bound in `outer` holds in `scope`. */
export function encloses(outer: string, scope: string): boolean {
	return outer === '' || outer === scope || scope.startsWith(`${outer}/`);
}

/** Whether a scope is nested deeper than can be looked up in reasonable time. */
export function isTooDeep(scope: string): boolean {
	return scope.length > deepest && scope.split('/').length > deepest;
}
