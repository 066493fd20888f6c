import { statSync } from 'node:fs';
import { parseJson } from '../files/json.ts';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import { writeInside } from '../files/writing.ts';
import { decodeNumbers, encodeNumbers } from '../run/exact-json.ts';
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
	readonly #root: string;
	readonly #isRebuilt: boolean;
	readonly #stored: ReadonlyMap<string, Entry>;
	readonly #entries = new Map<string, Entry>();

	constructor(root: string, isRebuilt: boolean) {
		this.#root = root;
		this.#isRebuilt = isRebuilt;
		this.#stored = isRebuilt ? new Map() : read(root);
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
		try {
			writeInside(this.#root, indexName, JSON.stringify({ schema, entries: [...this.#entries].map(encoded) }));
		} catch (error) {
			if (this.#isRebuilt) {
				throw error;
			}
		}
	}
}

function read(root: string): ReadonlyMap<string, Entry> {
	try {
		const text = readTextInside(root, indexName, limits.index);
		const stored = (text === undefined ? {} : parseJson(text, indexName)) as { schema?: unknown; entries?: unknown };
		const entries = stored.schema === schema && Array.isArray(stored.entries) ? stored.entries : [];
		return new Map(entries.map(decodeNumbers).filter(isEntry));
	} catch {
		// It is a cache: what cannot be used is made again.
		return new Map();
	}
}

// JSON has no NaN.
function encoded([relative, { row, ...times }]: readonly [string, Entry]): unknown {
	return [relative, { ...times, row: { ...row, metrics: encodeNumbers(row.metrics) } }];
}

// Checked by hand: the library of schemas takes longer to load than a list of thousands to show.
function isEntry(item: unknown): item is [string, Entry] {
	const [relative, entry] = Array.isArray(item) ? (item as unknown[]) : [];
	if (typeof relative !== 'string' || !isObject(entry) || !isObject(entry['row'])) {
		return false;
	}
	const { run, kept, metrics, ...row } = entry['row'];
	return (
		run === (relative === '' ? '.' : relative) &&
		typeof kept === 'boolean' &&
		isObject(metrics) &&
		Object.values(metrics).every((value) => typeof value === 'number') &&
		['state', 'reason', 'created', 'updated'].every((name) => typeof row[name] === 'string') &&
		['epoch', 'step'].every((name) => typeof row[name] === 'number') &&
		['folder', 'status'].every((name) => typeof entry[name] === 'number')
	);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function modified(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}
