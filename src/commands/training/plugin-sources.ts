import { dirname, resolve } from 'node:path';
import { type PluginFile, pluginFiles } from '../../registry/plugin-files.ts';
import type { Plugin } from '../../registry/plugins.ts';
import { isBelow, type Source } from '../../run/sources.ts';

/** A plug-in with the files that it consists of. */
export interface PluginCode {
	readonly path: string;
	readonly files: readonly PluginFile[];
}

/** Reads the code of plug-ins, as it is now; a copy that a run folder keeps is taken for what it is a copy of. */
export async function codeOf(plugins: readonly Plugin[]): Promise<PluginCode[]> {
	return Promise.all(
		plugins.map(async ({ path, origin = path }) => {
			const files = await pluginFiles(path);
			return { path: origin, files: files.map((file) => ({ ...file, path: resolve(dirname(origin), file.name) })) };
		}),
	);
}

/**
 * Plug-ins as `configs/` keeps them: each with the files that it imports, all in their places to one another. Where one of
 * them lies outside of `base`, all are kept by their whole paths.
 */
export function pluginSources(code: readonly PluginCode[], base: string): Source[] {
	const sources = new Map<string, { path: string; content: Uint8Array; plugins: string[]; isApart: boolean }>();
	for (const { path: plugin, files } of code) {
		const isApart = files.some(({ path }) => !isBelow(path, base));
		for (const { path, content } of files) {
			const key = `${isApart} ${path}`;
			const known = sources.get(key) ?? { path, content, plugins: [], isApart };
			known.plugins.push(plugin);
			sources.set(key, known);
		}
	}
	return [...sources.values()];
}
