import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runPath } from '../paths.ts';
import type { Findings } from './findings.ts';

interface Manifest {
	readonly sources?: ReadonlyArray<{ readonly file: string; readonly sha256: string; readonly bytes: number }>;
}

/** Checks the copies of the config sources against their manifest, and the patch against its recorded size. */
export function checkSources(folder: string, findings: Findings): void {
	const configs = runPath(folder, 'configs');
	const manifest = readJson<Manifest>(join(configs, 'manifest.json'));
	for (const { file, sha256, bytes } of manifest?.sources ?? []) {
		findings.files += 1;
		const path = join(configs, file);
		const data = existsSync(path) ? readFileSync(path) : undefined;
		if (data === undefined) {
			findings.problems.push(`${path} is missing.`);
		} else if (data.length !== bytes || createHash('sha256').update(data).digest('hex') !== sha256) {
			findings.problems.push(`${path} has changed since it was copied: its SHA-256 is another.`);
		}
	}
	const git = readJson<{ patch_bytes?: number }>(runPath(folder, 'git'));
	const size = statSync(runPath(folder, 'patch'), { throwIfNoEntry: false })?.size;
	if (git !== undefined && size !== git.patch_bytes) {
		findings.problems.push(
			`${runPath(folder, 'patch')} has ${size ?? 'no'} bytes; ${git.patch_bytes} are recorded in git.json.`,
		);
	}
}

// What cannot be read is reported with the other JSON files.
function readJson<T>(path: string): T | undefined {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as T;
	} catch {
		return undefined;
	}
}
