import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The last bytes of a log as text; nothing where there is no log. */
export function endOf(path: string, bytes: number): string {
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch {
		return '';
	}
	try {
		const buffer = Buffer.alloc(bytes);
		const length = readSync(file, buffer, 0, bytes, Math.max(0, fstatSync(file).size - bytes));
		return buffer.toString('utf8', 0, length);
	} finally {
		closeSync(file);
	}
}
