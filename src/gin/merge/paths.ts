import { posix } from 'node:path';
import type { Source } from '../ast.ts';

/** The folder that paths written in a source are relative to; empty (the working directory) if it is no file. */
export function folderOf(source: Source): string {
	return source.kind === 'file' ? parent(source.name) : '';
}

/** Where a file named in a statement may lie, best first: beside the including file, the working directory, the search path. */
export function candidates(path: string, folder: string, searchPath: readonly string[]): string[] {
	if (posix.isAbsolute(path)) {
		return [posix.normalize(path)];
	}
	return [...new Set([folder, '', ...searchPath].map((prefix) => posix.join(prefix, path)))];
}

function parent(path: string): string {
	const folder = posix.dirname(path);
	return folder === '.' ? '' : folder;
}
