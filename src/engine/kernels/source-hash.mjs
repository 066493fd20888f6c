import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** A fingerprint of the C source beside this file, so that an addon built from another version is not used by mistake. */
export function sourceHash() {
	const folder = new URL('./', import.meta.url);
	const hash = createHash('sha256');
	for (const name of readdirSync(folder).sort()) {
		if (/\.[ch]$/.test(name)) {
			hash.update(name).update(readFileSync(new URL(name, folder)));
		}
	}
	return hash.digest('hex').slice(0, 16);
}
