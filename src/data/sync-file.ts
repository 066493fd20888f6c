import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes a file's content survive losing power. */
export function syncFile(path: string): void {
	const handle = openSync(path, 'r');
	try {
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
}
