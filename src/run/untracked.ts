import { closeSync, constants, existsSync, fstatSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSecretName } from '../core/secret-names.ts';
import { readAt } from '../files/reading.ts';
import { runFolderOf } from './run-folder-of.ts';

/** The largest untracked file that is kept, and how many are looked at. */
const largest = 256 * 1024;
const mostFiles = 1000;

/**
 * Of the files of a repository that git does not track, those that belong to the code: texts that are not large, lie in no
 * run folder, and are not called like a secret.
 */
export function untrackedTexts(root: string, names: readonly string[]): string[] {
	const inRuns = new Map<string, boolean>();
	const isOfRun = (name: string) => {
		const folder = dirname(name);
		const known = inRuns.get(folder) ?? runFolderOf(join(root, name)) !== undefined;
		inRuns.set(folder, known);
		return known;
	};
	return names
		.filter((name) => !isPrivate(name) && !isOfRun(name))
		.slice(0, mostFiles)
		.filter((name) => isText(join(root, name)));
}

/** The root of the repository that a file or folder lies in, by the `.git` above it; undefined where there is none. */
export function repositoryOf(folder: string): string | undefined {
	for (let above = folder; ; above = dirname(above)) {
		if (existsSync(join(above, '.git'))) {
			return above;
		}
		if (above === dirname(above)) {
			return undefined;
		}
	}
}

function isPrivate(name: string): boolean {
	const file = basename(name);
	return (
		/^\.(?:env|netrc|npmrc|pypirc)|^id_|\.(?:pem|p12|pfx|kdbx)$/u.test(file) ||
		(isSecretName(file) && !/\.(?:[cm]?[jt]s|py|gin)$/u.test(file))
	);
}

// As git has it: a text has no zero byte among its first 8000.
function isText(path: string): boolean {
	try {
		const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		try {
			const stats = fstatSync(file);
			return stats.isFile() && stats.size <= largest && !readAt(file, 0, Math.min(stats.size, 8000)).includes(0);
		} finally {
			closeSync(file);
		}
	} catch {
		// Gone, a link, or not ours to read: it is named, and not kept.
		return false;
	}
}
