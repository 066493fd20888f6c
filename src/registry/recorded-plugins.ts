import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { runFiles } from '../run/paths.ts';
import { runFolderOf } from '../run/run-folder-of.ts';
import { readSourceManifest, type SourceEntry } from '../run/source-manifest.ts';

/** What a run folder says of a file of components that it was made with. */
export interface RecordedPlugin {
	/** Where the file was; undefined where only its name is known. */
	readonly path: string | undefined;
	/** SHA-256 by name relative to its folder. */
	readonly hashes: ReadonlyMap<string, string>;
	/** Whether the files that it imports are among them; older runs record the file alone. */
	readonly isWhole: boolean;
	/** Where the run folder keeps a copy. */
	readonly copy: string | undefined;
}

const identitySchema = z.object({ code: z.object({ files: z.record(z.string(), z.string()) }) });

/** The record of the plug-in that a config in or of the run folder imports as `module`; undefined where there is none. */
export function recordedPlugin(run: string, module: string, folder: string): RecordedPlugin | undefined {
	const entries = readSourceManifest(run);
	const roots = entries.filter(({ original, plugins }) => plugins?.includes(original));
	const wanted = resolve(folder, module);
	const root =
		roots.find(({ original }) => original === wanted || original === regularFile(wanted)) ??
		roots.find(({ file }) => resolve(run, runFiles.configs, file) === wanted) ??
		roots.find(({ original }) => basename(original) === basename(module));
	return root === undefined ? recordedByName(run, basename(module)) : ofManifest(run, root, entries);
}

function ofManifest(run: string, root: SourceEntry, entries: readonly SourceEntry[]): RecordedPlugin {
	const own = entries.filter(({ plugins }) => plugins?.includes(root.original));
	const nameOf = (path: string) => relative(dirname(root.original), path).replaceAll(sep, '/');
	return {
		path: root.original,
		hashes: new Map(own.map(({ original, sha256 }) => [nameOf(original), sha256])),
		isWhole: true,
		copy: join(run, runFiles.configs, root.file),
	};
}

/** Where the file was that a run folder keeps a copy of at `path`; undefined where it is no such copy. */
export function originOfCopy(path: string): string | undefined {
	const run = runFolderOf(path);
	const entries = run === undefined ? [] : readSourceManifest(run);
	return entries.find(({ file, original, plugins }) => {
		return plugins?.includes(original) && regularFile(join(run!, runFiles.configs, file)) === path;
	})?.original;
}

/** The path of a regular file without links; undefined where there is none. */
export function regularFile(path: string): string | undefined {
	try {
		return statSync(path).isFile() ? realpathSync(path) : undefined;
	} catch {
		return undefined;
	}
}

// Runs made before copies were kept have the checksum of the file itself among those of the code.
function recordedByName(run: string, name: string): RecordedPlugin | undefined {
	const files = readRecordInside(run, runFiles.identity, identitySchema, limits.record)?.code.files ?? {};
	const sha256 = Object.hasOwn(files, name) ? files[name] : undefined;
	return sha256 === undefined
		? undefined
		: { path: undefined, hashes: new Map([[name, sha256]]), isWhole: false, copy: undefined };
}
