const name = '[a-zA-Z_][\\p{L}\\p{N}\\p{M}\\p{Pc}]*';
const identifierPattern = new RegExp(`^${name}$`, 'u');
const selectorPattern = new RegExp(`^${name}(\\.${name})*$`, 'u');
const scopePattern = new RegExp(`^${name}(/${name})*$`, 'u');

/** Whether a text is one name. */
export function isIdentifier(text: string): boolean {
	return identifierPattern.test(text);
}

/** Whether a text is names joined by dots. */
export function isSelector(text: string): boolean {
	return selectorPattern.test(text);
}

/** Whether a text is names joined by slashes. */
export function isScope(text: string): boolean {
	return scopePattern.test(text);
}
