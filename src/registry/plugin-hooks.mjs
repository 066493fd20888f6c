// Module hooks for component files outside the repository. Plain JavaScript: Node runs hooks on a thread of their own.
import { existsSync } from 'node:fs';

// Their parentURL is the repository, so that a plug-in and gimlet share one instance of each.
const shared = /^(?:gimlet|zod|inversify|reflect-metadata|@tensorflow\/[^/]+)(?:\/|$)/u;

let root;
let api;
let build;

/**
 * `data.root` is the repository's URL with a final slash, `data.api` that of its public module, `data.build` that of the
 * compiled sources where the program runs from these.
 */
export function initialize(data) {
	({ root, api, build } = data);
}

export async function resolve(specifier, context, next) {
	if (isOutside(context.parentURL)) {
		if (specifier === 'gimlet') {
			return next(api, context);
		}
		if (shared.test(specifier)) {
			return next(specifier, { ...context, parentURL: `${root}package.json` });
		}
	}
	const resolved = compiled(await next(specifier, context));
	// A folder without a package.json would make its TypeScript CommonJS, which loads all of gimlet a second time.
	return isOutside(resolved.url) && /\.ts(?:\?|$)/u.test(resolved.url) ? { ...resolved, format: 'module' } : resolved;
}

export async function load(url, context, next) {
	return isOutside(url) && /\.ts(?:\?|$)/u.test(url) ? next(url, { ...context, format: 'module' }) : next(url, context);
}

// A file that imports gimlet's sources by their place gets what the program itself runs, not a second instance of them.
function compiled(resolved) {
	const source = /^src\/.*(?=\.ts(?:\?|$))/u.exec(resolved.url.startsWith(root) ? resolved.url.slice(root.length) : '');
	const url = source === null || build === undefined ? undefined : `${build}${source[0]}.js`;
	return url !== undefined && existsSync(new URL(url)) ? { ...resolved, url, format: 'module' } : resolved;
}

function isOutside(url) {
	return url?.startsWith('file:') && !url.startsWith(root) && !url.includes('/node_modules/');
}
