import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

// Not rewritten by the build, unlike import.meta.url: the folder this very file runs from.
const here = import.meta.dirname;
const built = join('build', 'src', 'core');
const root = here.endsWith(sep + built) ? here.slice(0, -built.length) : undefined;

/** Whether this program runs from `build/` and not from its TypeScript sources. */
export const isCompiled = root !== undefined;

/** The URL to import a source file by: its compiled form where this program is itself compiled. */
export function importUrl(path: string): string {
	const isOwn = root !== undefined && path.startsWith(join(root, 'src') + sep) && path.endsWith('.ts');
	return pathToFileURL(isOwn ? join(root, 'build', path.slice(root.length).replace(/\.ts$/u, '.js')) : path).href;
}

/** The source file of a compiled one; any other path is returned as it is. */
export function sourceOf(path: string): string {
	const folder = root === undefined ? undefined : join(root, 'build') + sep;
	return folder !== undefined && path.startsWith(folder) && path.endsWith('.js')
		? join(root!, path.slice(folder.length).replace(/\.js$/u, '.ts'))
		: path;
}
