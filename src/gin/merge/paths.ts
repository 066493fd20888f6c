import { posix } from 'node:path';
import type { Source } from '../ast.ts';

/** The folder that paths written in a source are relative to; empty (the working directory) if it is no file. */
export function folderOf(source: Source): string {
	return source.kind === 'file' ? parentOf(source.name) : '';
}

/**
 * Where a file named in a statement may lie, best first: beside the including file, the working directory, the search
 * path; `./x` and `../x` only in the first two.
 */
export function candidates(path: string, folder: string, searchPath: readonly string[]): string[] {
	if (posix.isAbsolute(path)) {
		return [posix.normalize(path)];
	}
	const places = /^\.\.?\//u.test(path) ? [folder, ''] : [folder, '', ...searchPath];
	return [...new Set(places.map((prefix) => posix.join(prefix, path)))];
}

/** The folder of a path; empty for the working directory. */
export function parentOf(path: string): string {
	const folder = posix.dirname(path);
	return folder === '.' ? '' : folder;
}
