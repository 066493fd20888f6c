import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readdirSync,
	realpathSync,
	type Stats,
	statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { asGimletError } from '../core/system-errors.ts';
import { createFolder, durableStep, guard, syncFolder } from './atomic.ts';

/**
 * The path of `name` below the folder `root`, which somebody else may have made: a RefusedError unless every folder on
 * the way is inside `root`. Links are followed as long as they stay inside; what `name` itself is, if anything, is not
 * looked at.
 */
export function pathInside(root: string, name: string): string {
	const path = join(root, name);
	const parts = name.split('/');
	if (isAbsolute(name) || name.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
		throw outside(root, path);
	}
	if (parts.length > 1) {
		requireInside(root, dirname(path));
	}
	return path;
}

/**
 * Opens a regular file below `root`. Anything else there (a link, a folder, a pipe, a device) is a RefusedError at once;
 * a missing file is the system's ENOENT.
 */
export function openInside(root: string, name: string, flags: number = constants.O_RDONLY): number {
	const path = pathInside(root, name);
	const file = openPlain(path, flags);
	try {
		requireRegular(path, fstatSync(file));
		return file;
	} catch (error) {
		closeSync(file);
		throw error;
	}
}

/** The names in a folder below `root` (`''` is `root` itself), sorted; none where there is no such folder. */
export function namesInside(root: string, name = ''): string[] {
	try {
		return readdirSync(folderInside(root, name)).sort();
	} catch (error) {
		const path = join(root, name);
		if ((error as NodeJS.ErrnoException).code === 'ENOTDIR' && lstatSync(path, { throwIfNoEntry: false })?.isFile()) {
			throw new RefusedError('file.no_folder', `${path} is a file; a folder is expected.`);
		}
		if (isMissing(error)) {
			return [];
		}
		throw asGimletError(error) ?? error;
	}
}

/** What is at `name` below `root`, links not followed; undefined where there is nothing. */
export function statInside(root: string, name: string): Stats | undefined {
	try {
		return lstatSync(pathInside(root, name), { throwIfNoEntry: false });
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}
		throw error;
	}
}

/** Creates a folder below `root`, and those on the way, durably; returns its path. */
export function makeFolderInside(root: string, name: string): string {
	const parts = name.split('/');
	for (let count = 1; count <= parts.length; count++) {
		makeOne(root, parts.slice(0, count).join('/'));
	}
	return join(root, name);
}

/** Root and name of a file in a folder that is itself a part of what it has to be inside of: `tb/x` of `/run/tb/x`. */
export function placeBelow(path: string): [root: string, name: string] {
	const folder = dirname(path);
	return [dirname(folder), join(basename(folder), basename(path))];
}

/** What something is, in words. */
export function kindOf(stats: Stats): string {
	if (stats.isSymbolicLink()) {
		return 'a link';
	}
	if (stats.isFile()) {
		return 'a file';
	}
	if (stats.isDirectory()) {
		return 'a folder';
	}
	return stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
}

/** Whether an error says that there is nothing of that name. */
export function isMissing(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === 'ENOENT' || code === 'ENOTDIR';
}

// Neither followed as a link nor waited for as a pipe. For reading and writing no pipe is waited for anyway, and children
// inherit the flag.
function careful(flags: number): number {
	return flags | constants.O_NOFOLLOW | (flags & constants.O_RDWR ? 0 : constants.O_NONBLOCK);
}

function openPlain(path: string, flags: number): number {
	try {
		return openSync(path, careful(flags), 0o666);
	} catch (error) {
		const found = lstatSync(path, { throwIfNoEntry: false });
		if (found !== undefined) {
			requireRegular(path, found);
		}
		throw error;
	}
}

function requireRegular(path: string, stats: Stats): void {
	if (!stats.isFile()) {
		throw new RefusedError('file.irregular', `${path} is ${kindOf(stats)}; only a regular file is read or written.`);
	}
}

function makeOne(root: string, name: string): void {
	const path = pathInside(root, name);
	guard(path, () => {
		if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
			durableStep({ kind: 'mkdir', path });
			createFolder(path);
			syncFolder(dirname(path));
		}
		requireInside(root, path);
		if (!statSync(path).isDirectory()) {
			throw new RefusedError('file.no_folder', `${path} is no folder, and nothing can be written into it.`);
		}
	});
}

function folderInside(root: string, name: string): string {
	const path = name === '' ? root : pathInside(root, name);
	if (name !== '') {
		requireInside(root, path);
	}
	return path;
}

function requireInside(root: string, folder: string): void {
	const [top, real] = [realPath(root), realPath(folder)];
	if (real !== top && !real.startsWith(top.endsWith(sep) ? top : top + sep)) {
		throw outside(root, folder);
	}
}

function realPath(path: string): string {
	try {
		return realpathSync.native(path);
	} catch (error) {
		const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
		throw isLink ? new RefusedError('file.outside', `${path} is a link that leads to no folder.`) : error;
	}
}

function outside(root: string, path: string): RefusedError {
	return new RefusedError('file.outside', `${path} is not inside ${root}: a link or a name leads out of the folder.`);
}
