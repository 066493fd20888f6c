import { closeSync, constants, fstatSync, writeSync } from 'node:fs';
import { openInside, placeBelow } from '../files/inside.ts';
import { readAt } from '../files/reading.ts';

/**
 * Writes a line over the content of a small file, in place and by one write: no kill divides it, and a disk that is full
 * has room for it. What is shorter is filled up with blanks.
 *
 * Returns what the file holds now; undefined where it is missing, or did not hold `before`.
 */
export function overwrite(path: string, line: string, before: string): string | undefined {
	let file: number;
	try {
		file = openInside(...placeBelow(path), constants.O_RDWR);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}
		throw error;
	}
	try {
		if (readAt(file, 0, fstatSync(file).size).toString('utf8') !== before) {
			return undefined;
		}
		const text = `${line.padEnd(fstatSync(file).size - 1)}\n`;
		writeSync(file, text, 0);
		return text;
	} finally {
		closeSync(file);
	}
}
