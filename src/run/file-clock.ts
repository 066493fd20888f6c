import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { removeIfPresent, writeNew } from '../files/exclusive-file.ts';
import { runFiles } from './paths.ts';

/**
 * Milliseconds now, by the clock of the file system that holds a run folder: those of two machines may differ, and what is
 * compared with the time of a file has to come from where that came from. Ours where nothing can be written there.
 */
export function fileClock(folder: string): number {
	const probe = join(folder, `${runFiles.lock}.${randomBytes(8).toString('hex')}.tmp`);
	try {
		writeNew(probe, '', false);
		return statSync(probe).mtimeMs;
	} catch {
		return Date.now();
	} finally {
		removeQuietly(probe);
	}
}

function removeQuietly(path: string): void {
	try {
		removeIfPresent(path);
	} catch {
		// Where it could not be written it is not there.
	}
}
