import { realpathSync } from 'node:fs';
import { readMeta } from '../run/meta.ts';

/**
 * What two folders of one run have in common, whatever they are called and however far each was continued: the start of
 * its first session. Without a record of it only the folder itself is the same run.
 */
export function runKey(folder: string): string {
	const meta = readMeta(folder);
	const [first] = meta?.sessions ?? [];
	return meta === undefined || first === undefined
		? realpathSync(folder)
		: JSON.stringify([meta.created, first.start, first.host, first.pid]);
}
