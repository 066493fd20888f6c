import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The run folder that a file lies in, by its name or by what its links lead to; undefined where it lies in none. What a
 * run folder holds is data, whoever made it.
 */
export function runFolderOf(path: string): string | undefined {
	const named = resolve(path);
	const found = nearest(named);
	const real = found === undefined ? realPath(named) : named;
	return real === named ? found : nearest(real);
}

// Names that hardly anything else has: two of them make a run folder, also one that has been damaged on purpose.
const records = ['config.gin', 'status.json', 'meta.json', 'operative.json', 'identity.json'];

function nearest(path: string): string | undefined {
	for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
		if (records.filter((name) => existsSync(join(folder, name))).length >= 2) {
			return folder;
		}
	}
	return undefined;
}

function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		// What does not exist is reported by whoever opens it.
		return path;
	}
}
