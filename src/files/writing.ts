import { closeSync, constants, copyFileSync, fstatSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { durableStep, guard, removeDurable, temporaryName, writeFileAtomic, writeJsonAtomic } from './atomic.ts';
import { makeFolderInside, openInside, pathInside, statInside } from './inside.ts';
import { readTextInside } from './reading.ts';

/** `writeFileAtomic` below the folder `root`, which somebody else may have made; the folders on the way are created. */
export function writeInside(root: string, name: string, content: string | Uint8Array, mode = 0o666): string {
	const path = placeInside(root, name);
	writeFileAtomic(path, content, mode);
	return path;
}

/** `writeInside` of a text where it is not there already; whether it was written. */
export function replaceInside(root: string, name: string, text: string, mode = 0o666): boolean {
	const size = statInside(root, name)?.size;
	const isThere = size === Buffer.byteLength(text) && readTextInside(root, name, size) === text;
	if (!isThere) {
		writeInside(root, name, text, mode);
	}
	return !isThere;
}

/** `writeJsonAtomic` below the folder `root`, like `writeInside`. */
export function writeJsonInside(root: string, name: string, value: unknown): string {
	const path = placeInside(root, name);
	writeJsonAtomic(path, value);
	return path;
}

/** `removeDurable` below the folder `root`: a link goes, not what it leads to. */
export function removeInside(root: string, name: string): void {
	removeDurable(pathInside(root, name));
}

/**
 * Opens a file below `root` for reading and appending, and creates it where it is missing. Nothing outside is reached: a
 * link is refused, and a file that has other names becomes one of its own first.
 */
export function openForAppend(root: string, name: string): number {
	const path = placeInside(root, name);
	return guard(path, () => {
		const file = openInside(root, name, appending);
		if (fstatSync(file).nlink <= 1) {
			return file;
		}
		closeSync(file);
		separate(path);
		return openInside(root, name, appending);
	});
}

const appending = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

function placeInside(root: string, name: string): string {
	const folder = dirname(name);
	if (folder !== '.') {
		makeFolderInside(root, folder);
	}
	return pathInside(root, name);
}

function separate(path: string): void {
	const copy = temporaryName(path);
	try {
		copyFileSync(path, copy, constants.COPYFILE_EXCL);
		durableStep({ kind: 'rename', path: copy, to: path });
		renameSync(copy, path);
	} finally {
		rmSync(copy, { force: true });
	}
}
