import { resolve } from 'node:path';
import type { Problem } from '../core/errors.ts';
import type { Source } from '../gin/ast.ts';
import { type Gathered, gather } from '../gin/merge/gather.ts';
import type { MergedImport } from '../gin/merge/merged.ts';
import { runFolderOf } from '../run/run-folder-of.ts';
import { admit } from './admission.ts';
import { namesIn, readIncluded } from './config-file.ts';
import { findPlugins, loadPlugin, type Plugin, pluginFromArgument } from './plugins.ts';
import { originOfCopy } from './recorded-plugins.ts';

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
	/** What `env()` reads; the process' environment when left out. */
	readonly env?: (name: string) => string | undefined;
}

/** A config read with everything it includes, its plug-ins loaded. */
export interface Loaded {
	readonly gathered: Gathered;
	readonly plugins: readonly Plugin[];
	/** Imports that cannot be followed. */
	readonly problems: readonly Problem[];
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
	const { project = process.cwd(), searchPath = [], uses = new Map(), env = (name) => process.env[name] } = options;
	const places = { project, paths: options.pluginPaths ?? [] };
	const read = (path: string, from: Source) => readIncluded(path, from, project, searchPath);
	const list = (folder: string) => namesIn(folder, project);
	const gathered = gather(roots, { read, list, env, searchPath, uses });
	const given = (options.plugins ?? []).map((written) => withOrigin(pluginFromArgument(written, places)));
	const runOf = (one: MergedImport) => options.record ?? runAround(one, project);
	const own = gathered.imports.filter((one) => !one.statement.isFile || runOf(one) === undefined);
	const { plugins, problems } = findPlugins(own, places, given);
	const named = [
		...(options.recordedPlugins ?? []).map((module) => ({ module, folder: '', run: options.record! })),
		...gathered.imports
			.filter((one) => !own.includes(one))
			.map((one) => ({ module: one.statement.module, folder: one.folder, run: runOf(one)! })),
	];
	const admitted = await admit(named, { project, given, allowChange: options.allowCodeChange ?? false });
	return { gathered, plugins: distinct([...given, ...plugins, ...admitted]), problems };
}

// A copy that a run folder keeps stands for the file that it was: what is recorded names that one.
function withOrigin(plugin: Plugin): Plugin {
	const origin = originOfCopy(plugin.path);
	return origin === undefined ? plugin : { ...plugin, origin };
}

function runAround({ statement }: MergedImport, project: string): string | undefined {
	const { source } = statement.span;
	return source.kind === 'file' ? runFolderOf(resolve(project, source.name)) : undefined;
}

function distinct(plugins: readonly Plugin[]): Plugin[] {
	return plugins.filter(({ path }, at) => plugins.findIndex((other) => other.path === path) === at);
}
