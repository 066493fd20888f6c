import { relative } from 'node:path';

/** A path as it is typed where the program was started: relative where it lies below, else as it is. */
export function nearPath(path: string): string {
	const near = relative(process.cwd(), path);
	return near === '' || near.startsWith('..') ? path : near;
}
