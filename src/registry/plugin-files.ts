import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of a plug-in: itself, or one that it imports by a path. */
export interface PluginFile {
	readonly path: string;
	/** Relative to the plug-in's folder, with `/`. */
	readonly name: string;
	readonly content: Uint8Array;
	readonly sha256: string;
}

const sources = fileURLToPath(new URL('../', import.meta.url));

/**
 * The files of a plug-in, itself first: it, and what it and they import by a path, in static imports or by a plain
 * string. Nothing is run. Packages and gimlet's own sources are left out.
 */
export async function pluginFiles(path: string): Promise<PluginFile[]> {
	const folder = dirname(path);
	const others = (await imported(path)).filter((other) => other !== path && !isShared(other)).sort();
	return [path, ...others].map((file) => {
		const content = readFileSync(file);
		const sha256 = createHash('sha256').update(content).digest('hex');
		return { path: file, name: relative(folder, file).replaceAll(sep, '/'), content, sha256 };
	});
}

/** The checksums of a plug-in's files by their names relative to it. */
export function hashesOf(files: readonly PluginFile[]): Map<string, string> {
	return new Map(files.map(({ name, sha256 }) => [name, sha256]));
}

async function imported(path: string): Promise<string[]> {
	const { build } = await import('esbuild');
	const folder = dirname(path);
	try {
		const { metafile } = await build({
			entryPoints: [path],
			absWorkingDir: folder,
			bundle: true,
			write: false,
			metafile: true,
			platform: 'node',
			format: 'esm',
			packages: 'external',
			loader: { '.node': 'empty', '.wasm': 'empty' },
			// Files beside the plug-in do not decide how it is read.
			tsconfigRaw: '{}',
			logLevel: 'silent',
		});
		return Object.keys(metafile.inputs).map((name) => join(folder, name));
	} catch {
		// It has a mistake, or imports what is not there: loading it says so, with the place.
		return [];
	}
}

function isShared(path: string): boolean {
	return path.startsWith(sources) || path.split(sep).includes('node_modules');
}
