import { existsSync, realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GimletError, type Problem, UsageError } from '../core/errors.ts';
import { importUrl, isCompiled } from '../core/source-file.ts';
import { asGimletError, isAboutPlace } from '../core/system-errors.ts';
import type { MergedImport } from '../gin/merge/merged.ts';
import { problemAt } from '../gin/problem.ts';
import { runFolderOf } from '../run/run-folder-of.ts';

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
}

/**
 * The files that the `import` statements of a config mean; what cannot be found is a problem with its place, unless
 * `--plugin` gave a file of the same name.
 */
export function findPlugins(
	imports: readonly MergedImport[],
	places: PluginPlaces,
	given: readonly Plugin[] = [],
): { readonly plugins: Plugin[]; readonly problems: Problem[] } {
	const plugins: Plugin[] = [];
	const problems: Problem[] = [];
	for (const { statement, folder } of imports) {
		const { module, isFile, span } = statement;
		if (!isFile) {
			const text = `"${module}" is a Python module: gimlet imports files of components, as in import './my_components.ts'`;
			problems.push(problemAt('config.import_module', span, text));
			continue;
		}
		const found = findPlugin(module, resolve(places.project, folder), places);
		if (typeof found === 'string') {
			plugins.push({ path: found, written: module });
		} else if (!given.some(({ path }) => basename(path) === basename(module))) {
			problems.push(problemAt(found.code, span, found.message));
		}
	}
	return { plugins, problems };
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
	const places = isAbsolute(written) ? [''] : [folder, project, ...paths.map((path) => resolve(project, path))];
	const tried = [...new Set(places.map((place) => join(place, written)))];
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
