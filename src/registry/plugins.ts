import { existsSync, realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GimletError, type Problem, UsageError } from '../core/errors.ts';
import { importUrl, isCompiled } from '../core/source-file.ts';
import { asGimletError, isAboutPlace } from '../core/system-errors.ts';
import type { ImportStatement } from '../gin/ast.ts';
import type { MergedImport } from '../gin/merge/merged.ts';
import { problemAt } from '../gin/problem.ts';
import { runFolderOf } from '../run/run-folder-of.ts';
import type { Catalog } from './catalog.ts';

/** Where component files outside the library may lie. */
export interface PluginPlaces {
	/** The working directory, absolute. */
	readonly project: string;
	/** Looked in last. */
	readonly paths: readonly string[];
}

/** A component file that a config imports. */
export interface Plugin {
	readonly path: string;
	/** As written in the config. */
	readonly written: string;
	/** Of a copy in a run folder: where the file was that it is a copy of. */
	readonly origin?: string;
	/** What may stand before the names of its components: `a.b` and `c` of `import a.b as c`. */
	readonly modules?: readonly string[];
}

/** What the `import` statements of a config lead to. */
export interface FoundPlugins {
	readonly plugins: Plugin[];
	readonly problems: Problem[];
	/** Modules that are not here and were passed over. */
	readonly skipped: MergedImport[];
}

/**
 * The files that the `import` statements of a config mean; what cannot be found is a problem with its place, unless
 * `--plugin` gave a file of the same name. With `skipsModules`, modules that are not here are passed over.
 */
export function findPlugins(
	imports: readonly MergedImport[],
	places: PluginPlaces,
	given: readonly Plugin[] = [],
	skipsModules = false,
): FoundPlugins {
	const found: FoundPlugins = { plugins: [], problems: [], skipped: [] };
	for (const one of imports) {
		const { statement, folder } = one;
		const { module, isFile, span } = statement;
		const whole = resolve(places.project, folder);
		const plugin = isFile ? findPlugin(module, whole, places) : moduleFile(statement, whole, places);
		if (typeof plugin === 'string') {
			const modules = isFile ? {} : { modules: moduleNames(statement) };
			found.plugins.push({ path: plugin, written: importedName(statement), ...modules });
		} else if (!isFile && skipsModules && plugin.code === 'config.import_module') {
			found.skipped.push(one);
		} else if (!isFile || !given.some(({ path }) => basename(path) === basename(module))) {
			found.problems.push(problemAt(plugin.code, span, plugin.message));
		}
	}
	return found;
}

/** `a.b` of `import a.b` and of `from a import b`. */
export function importedName({ module, member }: Pick<ImportStatement, 'module' | 'member'>): string {
	return member === undefined ? module : `${module}.${member}`;
}

/** What may stand before the names of a module's components: `a.b` and `c` of `import a.b as c`. */
export function moduleNames(statement: ImportStatement): string[] {
	const name = importedName(statement);
	return [name, ...(statement.alias === undefined ? [] : [statement.alias])];
}

const endings = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];

/** The file of a module in TypeScript's meaning, `a/b.ts` for `a.b`; nothing is run to find it. */
export function moduleFile(statement: ImportStatement, folder: string, places: PluginPlaces): string | NotFound {
	const { module, member } = statement;
	if (module === '__gin__') {
		const message = 'every component is registered by its decorator: leave this line out, or --skip-imports';
		return { code: 'config.import_module', message };
	}
	const paths = [importedName(statement), ...(member === undefined ? [] : [module])].map((name) =>
		name.replaceAll('.', '/'),
	);
	const tried: string[] = [];
	for (const path of paths.flatMap((one) => endings.map((ending) => `${one}${ending}`))) {
		const found = findPlugin(path, folder, places);
		if (typeof found === 'string' || found.code === 'config.import_from_run') {
			return found;
		}
		tried.push(...(path.endsWith('.ts') && !path.endsWith('/index.ts') ? placesOf(path, folder, places) : []));
	}
	const looked = [...new Set(tried)].join(', ');
	const message = `there is no module "${importedName(statement)}"; looked for ${looked}; --skip-imports passes over modules that are not here`;
	return { code: 'config.import_module', message };
}

/** Lets the components of modules that a config imports be called by the modules' names. */
export function qualifyAll(catalog: Catalog, plugins: readonly Plugin[]): void {
	for (const { path, modules = [] } of plugins) {
		for (const { name, file } of modules.length === 0 ? [] : catalog.all()) {
			if (file === path) {
				modules.forEach((module) => void catalog.qualify(name, module));
			}
		}
	}
}

/** The file that `--plugin` names, relative to the working directory. */
export function pluginFromArgument(written: string, places: PluginPlaces): Plugin {
	const found = findPlugin(written, places.project, places, true);
	if (typeof found === 'string') {
		return { path: found, written };
	}
	throw new UsageError(found.code, `--plugin ${written}: ${found.message}`);
}

/** Runs a component file; what it throws is reported with the file's name. */
export async function loadPlugin({ path, written }: Plugin): Promise<void> {
	await prepareImports();
	try {
		await import(pathToFileURL(path).href);
	} catch (error) {
		const system = isAboutPlace(error) ? undefined : asGimletError(error);
		if (error instanceof GimletError || system !== undefined) {
			throw system ?? error;
		}
		const message = error instanceof Error ? error.message : String(error);
		throw new UsageError('config.import_failed', `import '${written}': ${path} failed to load: ${message}`, {
			cause: error,
		});
	}
}

/** Whether this process has run a component file from outside the repository, or tried to. */
export function hasPlugins(): boolean {
	return areHooksInstalled;
}

let areHooksInstalled = false;

/**
 * Makes TypeScript files that the program was not built with importable: they are ES modules, and share gimlet's own
 * instances of gimlet, zod and tfjs.
 */
export async function prepareImports(): Promise<void> {
	if (areHooksInstalled) {
		return;
	}
	areHooksInstalled = true;
	const root = new URL('../../', import.meta.url);
	if (isCompiled) {
		const { register: registerTypeScript } = await import('tsx/esm/api');
		registerTypeScript({ tsconfig: fileURLToPath(new URL('tsconfig.json', root)) });
	}
	register('./plugin-hooks.mjs', import.meta.url, {
		data: {
			root: root.href,
			api: importUrl(fileURLToPath(new URL('src/index.ts', root))),
			build: isCompiled ? new URL('build/', root).href : undefined,
		},
	});
}

interface NotFound {
	readonly code: string;
	readonly message: string;
}

// Who names a file on the command line has seen it; a config may only name code that lies elsewhere.
function findPlugin(
	written: string,
	folder: string,
	{ project, paths }: PluginPlaces,
	mayLieInRun = false,
): string | NotFound {
	const tried = placesOf(written, folder, { project, paths });
	const inRuns: string[] = [];
	for (const path of tried) {
		if (!existsSync(path) || !statSync(path).isFile()) {
			continue;
		}
		if (mayLieInRun || runFolderOf(path) === undefined) {
			return realpathSync(path);
		}
		inRuns.push(path);
	}
	if (inRuns.length > 0) {
		const message = `${inRuns[0]} lies inside a run folder, and nothing there is run because a config names it; --plugin ${inRuns[0]} runs it`;
		return { code: 'config.import_from_run', message };
	}
	return {
		code: 'config.import_missing',
		message: `there is no file "${written}"; looked for ${tried.join(', ')}; --plugin FILE says where it is`,
	};
}

function placesOf(written: string, folder: string, { project, paths }: PluginPlaces): string[] {
	const places = isAbsolute(written) ? [''] : [folder, project, ...paths.map((path) => resolve(project, path))];
	return [...new Set(places.map((place) => join(place, written)))];
}
