// Module hooks for component files outside the repository. Plain JavaScript: Node runs hooks on a thread of their own.

// Their parentURL is the repository, so that a plug-in and gimlet share one instance of each.
const shared = /^(?:gimlet|zod|inversify|reflect-metadata|@tensorflow\/[^/]+)(?:\/|$)/u;

let root;
let api;

/** `data.root` is the repository's URL with a final slash, `data.api` that of its public module. */
export function initialize(data) {
	({ root, api } = data);
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
	const resolved = await next(specifier, context);
	// A folder without a package.json would make its TypeScript CommonJS, which loads all of gimlet a second time.
	return isOutside(resolved.url) && /\.ts(?:\?|$)/u.test(resolved.url) ? { ...resolved, format: 'module' } : resolved;
}

export async function load(url, context, next) {
	return isOutside(url) && /\.ts(?:\?|$)/u.test(url) ? next(url, { ...context, format: 'module' }) : next(url, context);
}

function isOutside(url) {
	return url?.startsWith('file:') && !url.startsWith(root) && !url.includes('/node_modules/');
}
