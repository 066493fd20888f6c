import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { guard } from '../files/atomic.ts';

/** Appends a line to a log, on a line of its own even where the last session was cut off inside one. */
export function appendSeparator(path: string, line: string): void {
	const file = guard(path, () => openSync(path, 'a+'));
	try {
		guard(path, () => writeSync(file, `${endsInsideLine(file) ? '\n' : ''}${line}\n`));
	} finally {
		closeSync(file);
	}
}

function endsInsideLine(file: number): boolean {
	const { size } = fstatSync(file);
	const last = Buffer.alloc(1);
	return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}
