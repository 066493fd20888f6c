import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRow } from './run-row.ts';

/** The name of the index inside the folder it is of. Deleting it costs nothing but time. */
export const indexName = '.gimlet-index.json';

// Raised when a row's layout changes.
const schema = 'gimlet.index/1';
// The index pays from here on.
const worthwhile = 50;
// Within one tick of a file system's clock a change cannot be seen: such rows are read again next time.
const racySeconds = 2;

interface Entry {
	/** Of the folder and of its status.json, milliseconds since 1970. */
	readonly folder: number;
	readonly status: number;
	readonly row: RunRow;
}

/** A cache of what the runs below a folder say, checked against each folder before it is used. */
export class IndexFile {
	readonly #path: string;
	readonly #isRebuilt: boolean;
	readonly #stored: ReadonlyMap<string, Entry>;
	readonly #entries = new Map<string, Entry>();

	constructor(root: string, isRebuilt: boolean) {
		this.#path = join(root, indexName);
		this.#isRebuilt = isRebuilt;
		this.#stored = isRebuilt ? new Map() : read(this.#path);
	}

	/** The stored row, if the folder is as it was when the row was read. */
	fresh(relative: string, path: string): RunRow | undefined {
		const entry = this.#stored.get(relative);
		if (entry === undefined || modified(path) !== entry.folder || modified(`${path}/status.json`) !== entry.status) {
			return undefined;
		}
		this.#entries.set(relative, entry);
		return entry.row;
	}

	/** Notes a row that was read just now; `folder` is when the folder had last changed before it was read. */
	remember(relative: string, path: string, folder: number, row: RunRow): void {
		const isAtWork = row.state === 'running' || row.state === 'stale' || row.state === 'unknown';
		if (!isAtWork && folder < Date.now() - racySeconds * 1000) {
			this.#entries.set(relative, { folder, status: modified(`${path}/status.json`), row });
		}
	}

	/** Writes the index where it is worth it; a folder that cannot be written to has none. */
	store(rows: readonly RunRow[], changed: number): void {
		const isSame = changed === 0 && this.#entries.size === this.#stored.size;
		if (!this.#isRebuilt && (isSame || rows.length < worthwhile || this.#entries.size === 0)) {
			return;
		}
		const temporary = `${this.#path}.${process.pid}.tmp`;
		try {
			writeFileSync(temporary, JSON.stringify({ schema, entries: [...this.#entries] }));
			renameSync(temporary, this.#path);
		} catch (error) {
			rmSync(temporary, { force: true });
			if (this.#isRebuilt) {
				throw error;
			}
		}
	}
}

function read(path: string): ReadonlyMap<string, Entry> {
	try {
		const stored = JSON.parse(readFileSync(path, 'utf8'));
		return stored.schema === schema ? new Map(stored.entries) : new Map();
	} catch {
		return new Map();
	}
}

function modified(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}
