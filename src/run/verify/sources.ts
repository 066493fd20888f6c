import { join } from 'node:path';
import { statInside } from '../../files/inside.ts';
import { limits } from '../../files/limits.ts';
import { hashInside } from '../../files/reading.ts';
import { readRecord } from '../layouts.ts';
import { runFiles, runPath } from '../paths.ts';
import { readSourceManifest } from '../source-manifest.ts';
import type { Findings } from './findings.ts';

/**
 * Checks what must be as it was written: the copies of the config sources against their manifest, config and operative
 * values against the hashes recorded when they were written, the patch against its recorded size.
 */
export function checkSources(folder: string, findings: Findings): void {
	for (const { file, sha256, bytes } of orNothing(() => readSourceManifest(folder)) ?? []) {
		checkHash(folder, `${runFiles.configs}/${file}`, sha256, bytes, findings);
	}
	for (const [name, sha256] of Object.entries(orNothing(() => readRecord(folder, 'identity'))?.records ?? {})) {
		checkHash(folder, name, sha256, undefined, findings);
	}
	const git = orNothing(() => readRecord(folder, 'git'));
	const size = statInside(folder, runFiles.patch)?.size;
	if (git !== undefined && size !== git.patch_bytes) {
		findings.problems.push(
			`${runPath(folder, 'patch')} has ${size ?? 'no'} bytes; ${git.patch_bytes} are recorded in git.json.`,
		);
	}
}

function checkHash(
	folder: string,
	name: string,
	expected: string,
	bytes: number | undefined,
	findings: Findings,
): void {
	findings.files += 1;
	const path = join(folder, name);
	try {
		const size = statInside(folder, name)?.size;
		const isSame = bytes === undefined || size === bytes;
		if (size === undefined) {
			findings.problems.push(`${path} is missing.`);
		} else if (!isSame || hashInside(folder, name, bytes ?? limits.record) !== expected) {
			findings.problems.push(`${path} has changed since it was written: its SHA-256 is another.`);
		}
	} catch (error) {
		findings.problems.push((error as Error).message);
	}
}

// What cannot be read is reported with the other JSON files.
function orNothing<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}
