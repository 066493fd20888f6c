import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../core/errors.ts';

/** `$RESULTS_DIR`, or `results/` of the repository. */
export function resultsDir(): string {
	return process.env['RESULTS_DIR'] || fileURLToPath(new URL('../../../results', import.meta.url));
}

/** A run folder by path, or by its path inside the results folder. Throws a UsageError for anything else. */
export function runFolder(name: string): string {
	const found = [name, join(resultsDir(), name)].find((path) => existsSync(join(path, 'status.json')));
	if (found === undefined) {
		throw new UsageError(
			'runs.no_run',
			`${name} is no run folder: it holds no status.json, nor does one of that name in ${resultsDir()}.`,
		);
	}
	return found;
}

/** A folder to search, the results folder when left out. Throws a UsageError where there is none. */
export function searchRoot(name: string | undefined): string {
	const root = name ?? resultsDir();
	if (!existsSync(root)) {
		throw new UsageError('runs.no_folder', `There is no folder ${root}.`);
	}
	return root.replace(/(?<=.)\/+$/u, '');
}
