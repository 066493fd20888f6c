import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EnvironmentError, type Problem, UsageError } from '../core/errors.ts';
import type { Source } from '../gin/ast.ts';
import { type Gathered, gather } from '../gin/merge/gather.ts';
import { findPlugins, loadPlugin, type Plugin, pluginFromArgument } from './plugins.ts';

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

/** The source of a config file; one that is missing, binary or a folder is a clear error. */
export function fileSource(path: string, project = process.cwd()): Source {
	const text = readText(path, project);
	if (text === undefined) {
		throw new UsageError('config.file_missing', `There is no config file "${path}".`);
	}
	return { name: path, kind: 'file', text };
}

/** One source per `-b`, named as messages name it. */
export function bindingSources(bindings: readonly string[]): Source[] {
	return bindings.map((text, index) => ({ name: `-b ${index + 1}`, kind: 'bindings', text }));
}

/** Reads a config and runs the component files it imports: the only way in for code. */
export async function loadConfig(roots: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
	const { project = process.cwd(), searchPath = [], uses = new Map(), env = (name) => process.env[name] } = options;
	const places = { project, paths: options.pluginPaths ?? [] };
	const read = (path: string) => readText(path, project);
	const gathered = gather(roots, { read, env, searchPath, uses });
	const fromArguments = (options.plugins ?? []).map((written) => pluginFromArgument(written, places));
	const { plugins, problems } = findPlugins(gathered.imports, places, fromArguments);
	const all = [...fromArguments, ...plugins];
	for (const plugin of all) {
		await loadPlugin(plugin);
	}
	return { gathered, plugins: all, problems };
}

function readText(path: string, project: string): string | undefined {
	let bytes: Buffer;
	try {
		bytes = readFileSync(resolve(project, path));
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return undefined;
		}
		if (code === 'EISDIR') {
			throw new UsageError('config.file_is_folder', `"${path}" is a folder; a config is a .gin file.`);
		}
		throw new EnvironmentError('config.file_unreadable', `"${path}" cannot be read: ${message}`);
	}
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new UsageError('config.file_binary', `"${path}" is no text in UTF-8: a config is a .gin file.`);
	}
}
