import { resolve } from 'node:path';
import type { Problem } from '../core/errors.ts';
import type { Source } from '../gin/ast.ts';
import { type Gathered, gather } from '../gin/merge/gather.ts';
import type { MergedImport, Surroundings } from '../gin/merge/merged.ts';
import { runFolderOf } from '../run/run-folder-of.ts';
import { namesIn, readIncluded } from './config-file.ts';
import { findPlugins, loadPlugin, moduleFile, moduleNames, type Plugin, pluginFromArgument } from './plugins.ts';

/** Everything from outside that a config may depend on. */
export interface LoadOptions {
	/** The working directory that paths are relative to; that of the process when left out. */
	readonly project?: string;
	/** Folders looked in after the including file's own and the working directory. */
	readonly searchPath?: readonly string[];
	/** `--use group=choice`. */
	readonly uses?: ReadonlyMap<string, string>;
	/** `--plugin FILE`, loaded before those that the config imports. */
	readonly plugins?: readonly string[];
	/** The run folder whose record names these sources: what they import is not run by itself. */
	readonly record?: string;
	/** What the `--plugin` options that a run folder records name; with `record` only. */
	readonly recordedPlugins?: readonly string[];
	/** Code that has changed since a run is used all the same. */
	readonly allowCodeChange?: boolean;
	/** Folders looked in last for `import './mine.ts'`. */
	readonly pluginPaths?: readonly string[];
	/** `import a.b` of a module that is not here is passed over. */
	readonly skipImports?: boolean;
	/** What `env()` reads; the process' environment when left out. */
	readonly env?: (name: string) => string | undefined;
}

/** A config read with everything it includes, its plug-ins loaded. */
export interface Loaded {
	readonly gathered: Gathered;
	readonly plugins: readonly Plugin[];
	/** Imports that cannot be followed. */
	readonly problems: readonly Problem[];
	/** Imports that were passed over. */
	readonly skipped: readonly MergedImport[];
}

/** What a config may read of the files and variables around it. */
export function surroundingsOf(options: LoadOptions): Surroundings {
	const { project = process.cwd(), searchPath = [], uses = new Map(), env = (name) => process.env[name] } = options;
	return {
		read: (path, from) => readIncluded(path, from, project, searchPath),
		list: (folder) => namesIn(folder, project),
		env,
		searchPath,
		uses,
	};
}

/** Reads a config and runs the component files it imports: the only way in for code. */
export async function loadConfig(roots: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
	const loaded = await findCode(roots, options);
	for (const plugin of loaded.plugins) {
		await loadPlugin(plugin);
	}
	return loaded;
}

/**
 * Reads a config and finds the component files that it may run; runs none of them. What a config of the user's imports is
 * run; what a run folder names only where the user has given it with `--plugin` or trusted it.
 */
export async function findCode(roots: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
	const { project = process.cwd() } = options;
	const places = { project, paths: options.pluginPaths ?? [] };
	const gathered = gather(roots, surroundingsOf(options));
	const given = await withOrigins((options.plugins ?? []).map((written) => pluginFromArgument(written, places)));
	const runOf = (one: MergedImport) => options.record ?? runAround(one, project);
	const own = gathered.imports.filter((one) => runOf(one) === undefined);
	const { plugins, problems, skipped } = findPlugins(own, places, given, options.skipImports);
	const recorded = gathered.imports.filter((one) => !own.includes(one));
	const modules = recorded.filter(({ statement }) => !statement.isFile);
	const files = modules.map(({ statement, folder }) => moduleFile(statement, resolve(project, folder), places));
	const named = [
		...(options.recordedPlugins ?? []).map((module) => ({ module, folder: '', run: options.record! })),
		...recorded
			.filter(({ statement }) => statement.isFile)
			.map((one) => ({ module: one.statement.module, folder: one.folder, run: runOf(one)! })),
		...modules.flatMap((one, at) => {
			const file = files[at]!;
			return typeof file === 'string' ? [{ module: file, folder: '', run: runOf(one)! }] : [];
		}),
	];
	const allowChange = options.allowCodeChange ?? false;
	const admitted =
		named.length === 0 ? [] : await (await import('./admission.ts')).admit(named, { project, given, allowChange });
	const all = distinct([...given, ...plugins, ...admitted]);
	const unfound = findPlugins(
		modules.filter((_, at) => typeof files[at] !== 'string'),
		places,
		given,
		options.skipImports,
	);
	return {
		gathered,
		plugins: all.map((plugin) => withModules(plugin, modules, files)),
		problems: [...problems, ...unfound.problems],
		skipped: [...skipped, ...unfound.skipped],
	};
}

// The names of the modules that a record imports, for the file that each is.
function withModules(plugin: Plugin, modules: readonly MergedImport[], files: readonly unknown[]): Plugin {
	const names = modules.flatMap(({ statement }, at) =>
		files[at] === plugin.path || files[at] === plugin.origin ? moduleNames(statement) : [],
	);
	return names.length === 0 ? plugin : { ...plugin, modules: [...(plugin.modules ?? []), ...names] };
}

// A copy that a run folder keeps stands for the file that it was: what is recorded names that one.
async function withOrigins(plugins: readonly Plugin[]): Promise<readonly Plugin[]> {
	if (plugins.length === 0) {
		return plugins;
	}
	// Read late: most configs bring no code, and need none of the schemas of records.
	const { originOfCopy } = await import('./recorded-plugins.ts');
	return plugins.map((plugin) => {
		const origin = originOfCopy(plugin.path);
		return origin === undefined ? plugin : { ...plugin, origin };
	});
}

function runAround({ statement }: MergedImport, project: string): string | undefined {
	const { source } = statement.span;
	return source.kind === 'file' ? runFolderOf(resolve(project, source.name)) : undefined;
}

function distinct(plugins: readonly Plugin[]): Plugin[] {
	const byPath = new Map<string, Plugin>();
	for (const plugin of plugins) {
		const before = byPath.get(plugin.path);
		const modules = [...(before?.modules ?? []), ...(plugin.modules ?? [])];
		byPath.set(plugin.path, { ...(before ?? plugin), ...(modules.length === 0 ? {} : { modules }) });
	}
	return [...byPath.values()];
}
