import { closeSync, fsyncSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';

/**
 * Writes a file that must not exist yet, whole or not at all; false if something is already there.
 *
 * `token` tells this writer from all others; `durable` waits until the file is on the disk.
 */
export function createExclusive(path: string, text: string, token: string, durable = true): boolean {
	const temporary = `${path}.${token}.tmp`;
	try {
		writeNew(temporary, text, durable);
		linkSync(temporary, path);
		return true;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST') {
			return false;
		}
		if (code !== undefined && withoutHardLinks.has(code)) {
			return writeIfAbsent(path, text, durable);
		}
		throw error;
	} finally {
		removeIfPresent(temporary);
	}
}

/** Writes a new file and, where it shall be durable, waits until it is on the disk. */
export function writeNew(path: string, text: string, durable = true): void {
	const file = openSync(path, 'wx', 0o644);
	try {
		writeSync(file, text);
		if (durable) {
			fsyncSync(file);
		}
	} finally {
		closeSync(file);
	}
}

/** Removes a file; nothing happens if it is already gone. */
export function removeIfPresent(path: string): void {
	try {
		unlinkSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw error;
		}
	}
}

// What file systems without hard links answer (FAT, some network and FUSE mounts).
const withoutHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']);

function writeIfAbsent(path: string, text: string, durable: boolean): boolean {
	try {
		writeNew(path, text, durable);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			return false;
		}
		throw error;
	}
}
