import { createHash } from 'node:crypto';
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeFolder, writeFileAtomic, writeJsonAtomic } from '../files/atomic.ts';
import { runPath } from './paths.ts';

/** One config file as it was read. */
export interface Source {
	readonly path: string;
	readonly content: string | Uint8Array;
}

/** One row of `configs/manifest.json`. */
export interface SourceEntry {
	/** Below `configs/`. */
	readonly file: string;
	/** As it was named on the command line or in an include. */
	readonly original: string;
	readonly sha256: string;
	readonly bytes: number;
}

/** Copies config sources to `configs/` under their names relative to `base`, with a manifest of their checksums. */
export function writeSources(folder: string, sources: readonly Source[], base: string): SourceEntry[] {
	const entries = planSources(sources, base);
	entries.forEach((entry, index) => {
		const target = join(runPath(folder, 'configs'), entry.file);
		makeFolder(dirname(target));
		writeFileAtomic(target, sources[index]!.content);
	});
	makeFolder(runPath(folder, 'configs'));
	writeJsonAtomic(join(runPath(folder, 'configs'), manifestName), { schema: 'gimlet.sources/1', sources: entries });
	return entries;
}

/** Where each source goes, in the order given: inside `configs/`, and no two to one place. */
export function planSources(sources: readonly Source[], base: string): SourceEntry[] {
	const taken = new Set([manifestName]);
	return sources.map(({ path, content }) => {
		const bytes = Buffer.from(content);
		const file = free(safeName(path, base), taken);
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		return { file, original: path, sha256, bytes: bytes.length };
	});
}

const manifestName = 'manifest.json';

// A file outside `base` goes below outside/, with its absolute path as the rest.
function safeName(path: string, base: string): string {
	const inside = relative(resolve(base), resolve(base, path));
	const escapes = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) || inside === '';
	const name = escapes ? join('outside', resolve(base, path)) : inside;
	return name.replaceAll('\\', '/').replaceAll(/[:\0]/gu, '_');
}

// Two names are one to a file system that ignores case; a file cannot be where another needs a folder.
function free(wanted: string, taken: Set<string>): string {
	const extension = extname(wanted);
	const stem = wanted.slice(0, wanted.length - extension.length);
	for (let number = 1; ; number++) {
		const name = number === 1 ? wanted : `${stem}~${number}${extension}`;
		if (!clashes(name.toLowerCase(), taken)) {
			taken.add(name.toLowerCase());
			return name;
		}
	}
}

function clashes(name: string, taken: ReadonlySet<string>): boolean {
	return [...taken].some((other) => other === name || other.startsWith(`${name}/`) || name.startsWith(`${other}/`));
}
