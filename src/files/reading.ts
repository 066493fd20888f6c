import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { GimletError, RefusedError } from '../core/errors.ts';
import { asGimletError } from '../core/system-errors.ts';
import { isMissing, openInside } from './inside.ts';
import { parseRecord } from './json.ts';

/**
 * Reads a file below the folder `root`, which somebody else may have made; undefined where there is none. A link, a pipe,
 * a device, a file outside or one larger than `limit` bytes is a RefusedError that says so, at once.
 */
export function readInside(root: string, name: string, limit: number): Buffer | undefined {
	return withFile(root, name, (file, size) => {
		requireSize(join(root, name), size, limit);
		return readAt(file, 0, size);
	});
}

/** `readInside` as text. */
export function readTextInside(root: string, name: string, limit: number): string | undefined {
	return readInside(root, name, limit)?.toString('utf8');
}

/** `readInside` as JSON that follows a schema; what does not is a RefusedError that names file and field. */
export function readRecordInside<T extends z.ZodType>(
	root: string,
	name: string,
	schema: T,
	limit: number,
): z.output<T> | undefined {
	const text = readTextInside(root, name, limit);
	return text === undefined ? undefined : parseRecord(text, schema, join(root, name));
}

/** The SHA-256 of a file below `root` in hexadecimal, read in pieces; undefined where there is none. */
export function hashInside(root: string, name: string, limit: number): string | undefined {
	return withFile(root, name, (file, size) => {
		requireSize(join(root, name), size, limit);
		const hash = createHash('sha256');
		for (let at = 0; at < size; at += piece) {
			hash.update(readAt(file, at, Math.min(piece, size - at)));
		}
		return hash.digest('hex');
	});
}

/** What `use` makes of an open file below `root` and its size in bytes; undefined where there is no such file. */
export function withFile<T>(root: string, name: string, use: (file: number, size: number) => T): T | undefined {
	let file: number;
	try {
		file = openInside(root, name);
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}
		throw shown(error);
	}
	try {
		return use(file, fstatSync(file).size);
	} catch (error) {
		throw shown(error);
	} finally {
		closeSync(file);
	}
}

/** At most `length` bytes of an open file from `start` on; fewer where it ends. */
export function readAt(file: number, start: number, length: number): Buffer {
	const bytes = Buffer.allocUnsafe(length);
	let read = 0;
	while (read < length) {
		const count = readSync(file, bytes, read, length - read, start + read);
		if (count === 0) {
			break;
		}
		read += count;
	}
	return bytes.subarray(0, read);
}

const piece = 2 ** 20;

function requireSize(path: string, size: number, limit: number): void {
	if (size > limit) {
		throw new RefusedError(
			'file.too_large',
			`${path} has ${size} bytes; at most ${limit} are read of a file of its kind.`,
		);
	}
}

function shown(error: unknown): unknown {
	return error instanceof GimletError ? error : (asGimletError(error) ?? error);
}
