import { createHash } from 'node:crypto';
import { extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { writeInside, writeJsonInside } from '../files/writing.ts';
import { runFiles } from './paths.ts';
import { manifestName, type SourceEntry } from './source-manifest.ts';

/** One config file, or one file of a plug-in, as it was read. */
export interface Source {
	readonly path: string;
	readonly content: string | Uint8Array;
	/** Of code: the plug-ins that it belongs to. */
	readonly plugins?: readonly string[];
	/** Kept by its whole path, also where it lies inside: so that files of code find each other as they did. */
	readonly isApart?: boolean;
}

/** Copies sources to `configs/` under their names relative to `base`, with a manifest of their checksums. */
export function writeSources(folder: string, sources: readonly Source[], base: string): SourceEntry[] {
	const entries = planSources(sources, base);
	entries.forEach((entry, index) => {
		writeInside(folder, `${runFiles.configs}/${entry.file}`, sources[index]!.content);
	});
	writeJsonInside(folder, `${runFiles.configs}/${manifestName}`, { schema: 'gimlet.sources/1', sources: entries });
	return entries;
}

/** Where each source goes, in the order given: inside `configs/`, and no two to one place. */
export function planSources(sources: readonly Source[], base: string): SourceEntry[] {
	const taken = new Set([manifestName]);
	return sources.map(({ path, content, plugins, isApart = false }) => {
		const bytes = Buffer.from(content);
		const file = free(safeName(path, base, isApart), taken);
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		return { file, original: path, sha256, bytes: bytes.length, ...(plugins === undefined ? {} : { plugins }) };
	});
}

/** Whether a file lies below a folder. */
export function isBelow(path: string, base: string): boolean {
	const inside = relative(resolve(base), resolve(base, path));
	return !(inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) || inside === '');
}

// A file outside `base` goes below outside/, with its absolute path as the rest.
function safeName(path: string, base: string, isApart: boolean): string {
	const whole = resolve(base, path);
	const name = isApart || !isBelow(path, base) ? join('outside', whole) : relative(resolve(base), whole);
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
