import { closeSync, fsyncSync, readdirSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { explain } from '../files/atomic.ts';
import { placeBelow } from '../files/inside.ts';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import { openForAppend } from '../files/writing.ts';
import type { Outcome } from './outcome.ts';

/** Appends attempts to a JSONL file that this process alone writes; lines of one moment go out in one write. */
export class HistoryWriter {
	readonly path: string;
	#file: number | undefined;
	#waiting: string[] = [];
	readonly #onProblem: (error: unknown) => void;

	/** `onProblem` is told what could not be written: how the jobs ended stands elsewhere, too. */
	constructor(folder: string, onProblem: (error: unknown) => void) {
		this.#onProblem = onProblem;
		const moment = new Date().toISOString().replaceAll(/[-:]|\.\d+/gu, '');
		this.path = join(folder, `${moment}-${hostname()}-${process.pid}.jsonl`);
	}

	append(outcome: Outcome): void {
		this.#waiting.push(`${JSON.stringify(outcome)}\n`);
		if (this.#waiting.length === 1) {
			setImmediate(() => this.flush());
		}
	}

	flush(): void {
		if (this.#waiting.length > 0) {
			try {
				this.#file ??= openForAppend(...placeBelow(this.path));
				writeSync(this.#file, this.#waiting.join(''));
			} catch (error) {
				this.#onProblem(explain(this.path, error));
			}
			this.#waiting = [];
		}
	}

	/** Writes what is left and waits until it is on the disk. */
	close(): void {
		this.flush();
		if (this.#file !== undefined) {
			fsyncSync(this.#file);
			closeSync(this.#file);
			this.#file = undefined;
		}
	}
}

/** Every attempt on record, oldest first; a line that was torn by a crash is left out. */
export function readHistory(folder: string): Outcome[] {
	const files = namesIn(folder).filter((name) => name.endsWith('.jsonl'));
	const outcomes = files.flatMap((name) =>
		parseHistory(readTextInside(...placeBelow(join(folder, name)), limits.journal) ?? ''),
	);
	return outcomes.sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
}

/** The attempts in the text of a history file. */
export function parseHistory(text: string): Outcome[] {
	return text.split('\n').flatMap((line) => {
		try {
			const outcome = JSON.parse(line) as Partial<Outcome> | null;
			return typeof outcome?.key === 'string' && typeof outcome.end === 'string' ? [outcome as Outcome] : [];
		} catch {
			return [];
		}
	});
}

/** The names in a folder; none where it is missing. */
export function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder).sort();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return [];
		}
		throw error;
	}
}
