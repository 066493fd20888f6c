/** What is never mirrored unless asked for: what is made from the rest, and what is large. */
export const usualExclusions = ['.git', 'node_modules', '.cache', '*.tmp', '/build', '/data', '/results'] as const;

/**
 * Whether a path (relative, with `/`) is left out: `name` anywhere, `/path` from the top, `*` for anything within a name.
 * These are patterns of rsync too.
 */
export function isExcluded(path: string, patterns: readonly string[]): boolean {
	return patterns.some((pattern) => expression(pattern).test(`/${path}`));
}

function expression(pattern: string): RegExp {
	const body = pattern
		.replace(/\/+$/u, '')
		.replaceAll(/[.+?^${}()|[\]\\]/gu, '\\$&')
		.replaceAll('*', '[^/]*');
	return new RegExp(`${body.startsWith('/') ? '^' : '(?:^|/)'}${body}(?:/|$)`, 'u');
}
