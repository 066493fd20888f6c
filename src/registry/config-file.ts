import {
	closeSync,
	constants,
	existsSync,
	fstatSync,
	openSync,
	readdirSync,
	readFileSync,
	realpathSync,
} from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import type { Source } from '../gin/ast.ts';
import { runFiles, runPath } from '../run/paths.ts';
import { runFolderOf } from '../run/run-folder-of.ts';

/** The source of a config file; one that is missing, binary or a folder is a clear error. */
export function fileSource(path: string, project = process.cwd(), isRecorded = false): Source {
	// Who types a name may name a pipe, as in <(command).
	const text = readText(path, project, isRecorded || runFolderOf(resolve(project, path)) !== undefined);
	if (text === undefined) {
		const near = didYouMean(basename(path), namesIn(dirname(path), project));
		throw new UsageError('config.file_missing', `There is no config file "${path}".${near}`);
	}
	return { name: path, kind: 'file', text };
}

/** The source of the config that a run folder records. */
export function recordedSource(run: string): Source {
	const text = readTextInside(run, runFiles.config, limits.record);
	if (text === undefined) {
		throw new UsageError('config.file_missing', `There is no config file "${runPath(run, 'config')}".`);
	}
	return { name: runPath(run, 'config'), kind: 'file', text };
}

/**
 * The text of a file that a config names; undefined where there is none. Only regular files are read, and a config in a
 * run folder leads to nothing outside of it but gimlet's own configs, below `shared`.
 */
export function readIncluded(
	path: string,
	from: Source,
	project: string,
	shared: readonly string[],
): string | undefined {
	const run = from.kind === 'file' ? runFolderOf(resolve(project, from.name)) : undefined;
	const whole = resolve(project, path);
	if (
		run !== undefined &&
		existsSync(whole) &&
		![run, ...shared].some((folder) => isWithin(whole, resolve(project, folder)))
	) {
		const message = `${from.name} lies in the run folder ${run} and names "${path}", which lies elsewhere: a run folder is read by itself.`;
		throw new UsageError('config.include_from_run', message);
	}
	return readText(path, project, true);
}

/** The names of the files in a folder that a config may name, for suggestions. */
export function namesIn(folder: string, project: string): string[] {
	try {
		return readdirSync(resolve(project, folder)).filter((name) => name.endsWith('.gin'));
	} catch {
		// Where there is no such folder there is nothing to suggest.
		return [];
	}
}

function readText(path: string, project: string, mustBeRegular: boolean): string | undefined {
	let bytes: Buffer;
	try {
		bytes = mustBeRegular ? readRegular(resolve(project, path), path) : readFileSync(resolve(project, path));
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (error instanceof UsageError) {
			throw error;
		}
		if (code === 'ENOENT' || code === 'ENOTDIR') {
			return undefined;
		}
		if (code === 'EISDIR') {
			throw new UsageError('config.file_is_folder', `"${path}" is a folder; a config is a .gin file.`);
		}
		throw new EnvironmentError('config.file_unreadable', `"${path}" cannot be read: ${message}`);
	}
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new UsageError('config.file_binary', `"${path}" is no text in UTF-8: a config is a .gin file.`);
	}
}

// Without waiting for whoever writes into a pipe.
function readRegular(whole: string, path: string): Buffer {
	const file = openSync(whole, constants.O_RDONLY | constants.O_NONBLOCK);
	try {
		const stats = fstatSync(file);
		if (!stats.isFile() && !stats.isDirectory()) {
			throw new UsageError('config.file_irregular', `"${path}" is no regular file, and no config is read from it.`);
		}
		return readFileSync(file);
	} finally {
		closeSync(file);
	}
}

function isWithin(path: string, folder: string): boolean {
	const [inner, outer] = [realPath(path), realPath(folder)];
	return inner === outer || inner.startsWith(outer + sep);
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		// What does not exist is looked for by its name, and not found.
		return path;
	}
}
