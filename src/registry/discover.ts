import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { importUrl } from '../core/source-file.ts';
import { asGimletError, isAboutPlace } from '../core/system-errors.ts';
import { allKinds } from './kinds.ts';

/** The component files under a source folder: those of every kind's folder, sorted; tests are none. */
export function componentFiles(source: string, folders: readonly string[] = kindFolders()): string[] {
	return folders.flatMap((folder) => filesIn(join(source, folder)));
}

/** Imports component files, each of which registers what it declares. The kinds must have been declared before. */
export async function discover(source: string, folders?: readonly string[]): Promise<void> {
	await importFiles(componentFiles(source, folders));
}

/** Imports files one after another, so that the order of declaration is always the same. */
export async function importFiles(files: readonly string[]): Promise<void> {
	for (const file of files) {
		try {
			await import(importUrl(file));
		} catch (error) {
			const system = isAboutPlace(error) ? undefined : asGimletError(error);
			if (error instanceof UsageError || system !== undefined) {
				throw system ?? error;
			}
			const message = error instanceof Error ? error.message : String(error);
			throw new UsageError('registry.import_failed', `${file} failed to load: ${message}`, { cause: error });
		}
	}
}

/** The folders of the declared kinds. */
export function kindFolders(): string[] {
	return allKinds().flatMap(({ folder }) => folder ?? []);
}

function filesIn(folder: string): string[] {
	let names: string[];
	try {
		names = readdirSync(folder);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return [];
		}
		throw error;
	}
	return names
		.filter(
			(name) => /\.(?:[cm]?js|ts)$/u.test(name) && !/\.(?:d|test)\.ts$/u.test(name) && !/\.test\.[cm]?js$/u.test(name),
		)
		.sort()
		.map((name) => join(folder, name));
}
