import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import { typedCommand } from '../core/shell-quote.ts';
import { didYouMean } from '../core/suggest.ts';
import { makeFolder, writeFileAtomic } from '../files/atomic.ts';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { runFolderOf } from '../run/run-folder-of.ts';

const schema = z.object({ schema: z.literal('gimlet.trusted/1'), paths: z.array(z.string()) });
const fileName = 'trusted.json';

/** Where the user's list of trusted files lies: `$XDG_CONFIG_HOME/gimlet/trusted.json`. */
export function trustedListPath(): string {
	return join(folderOfList(), fileName);
}

/** The files whose code may run where a run folder names them: whole paths without links. */
export function trustedPaths(): readonly string[] {
	refuseShared();
	return readRecordInside(folderOfList(), fileName, schema, limits.note)?.paths ?? [];
}

/** Adds a file of components to the list; returns its whole path. */
export function addTrusted(file: string): string {
	const stats = statSync(file, { throwIfNoEntry: false });
	if (stats === undefined) {
		throw new UsageError('trust.missing', `There is no file "${file}".`);
	}
	if (!stats.isFile()) {
		throw new UsageError('trust.no_file', `"${file}" is no file: name the component files one by one.`);
	}
	const path = realpathSync(file);
	const run = runFolderOf(file);
	if (run !== undefined) {
		const message = `"${file}" lies in the run folder ${run}, which anybody may have made. Copy it elsewhere, or use --plugin.`;
		throw new UsageError('trust.in_run', message);
	}
	store([...trustedPaths().filter((known) => known !== path), path]);
	return path;
}

/** Takes a file off the list, by the path the list shows or by any that leads to it; returns the path removed. */
export function removeTrusted(file: string): string {
	const known = trustedPaths();
	const names = [resolve(file), realPath(file)];
	const path = known.find((one) => names.includes(one));
	if (path === undefined) {
		throw new UsageError('trust.unknown', `"${file}" is not on the list.${didYouMean(resolve(file), known)}`);
	}
	store(known.filter((one) => one !== path));
	return path;
}

function store(paths: readonly string[]): void {
	const folder = folderOfList();
	makeFolder(folder, 0o700);
	const text = JSON.stringify({ schema: 'gimlet.trusted/1', paths: [...paths].sort() }, undefined, '\t');
	writeFileAtomic(trustedListPath(), `${text}\n`, 0o600);
}

// As the XDG directory specification has it, a relative path does not count.
function folderOfList(): string {
	const given = process.env['XDG_CONFIG_HOME'] ?? '';
	return join(isAbsolute(given) ? given : join(homedir(), '.config'), 'gimlet');
}

// Whoever may write the list, or put another in its place, decides what runs.
function refuseShared(): void {
	const self = process.getuid?.();
	for (const path of [dirname(trustedListPath()), trustedListPath()]) {
		const stats = statSync(path, { throwIfNoEntry: false });
		if (stats !== undefined && self !== undefined && (![self, 0].includes(stats.uid) || (stats.mode & 0o022) !== 0)) {
			const message = `${path} can be changed by other users, so that nothing it says is believed. ${typedCommand(['chmod', 'go-w', path])} ends that.`;
			throw new EnvironmentError('trust.shared_list', message);
		}
	}
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		// A file that is gone is still on the list by its name.
		return resolve(path);
	}
}
