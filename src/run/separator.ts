import { closeSync, fstatSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { guard } from '../files/atomic.ts';
import { readAt } from '../files/reading.ts';
import { openForAppend } from '../files/writing.ts';

/** Appends a line to a log, on a line of its own even where the last session was cut off inside one. */
export function appendSeparator(path: string, line: string): void {
	const file = openForAppend(dirname(path), basename(path));
	try {
		guard(path, () => writeSync(file, `${endsInsideLine(file) ? '\n' : ''}${line}\n`));
	} finally {
		closeSync(file);
	}
}

function endsInsideLine(file: number): boolean {
	const { size } = fstatSync(file);
	return size > 0 && readAt(file, size - 1, 1)[0] !== 0x0a;
}
