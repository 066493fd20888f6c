import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { IndexFile } from './index-file.ts';
import type { RunRow } from './run-row.ts';

/** How a folder tree is searched. */
export interface FindOptions {
	/** Read and write `.gimlet-index.json` in the folder, default true. */
	readonly index?: boolean;
	/** Read every run anew and store the index, however few there are. */
	readonly rebuild?: boolean;
}

/** What was found below a folder, sorted by path. */
export interface Found {
	readonly rows: readonly RunRow[];
	/** Folders that could not be looked into and files that could not be read, one line each. */
	readonly problems: readonly string[];
	/** How many of the rows came from the index. */
	readonly indexed: number;
}

/**
 * Every run folder at or below `root`. The folders are the truth: a row comes from the index only where neither the
 * folder nor its `status.json` has changed since, and the run was not at work.
 */
export async function findRuns(root: string, options: FindOptions = {}): Promise<Found> {
	const index = options.index === false ? undefined : new IndexFile(root, options.rebuild === true);
	const search = new Search(root, index);
	await search.look('');
	search.rows.sort((a, b) => order.compare(a.run, b.run));
	index?.store(search.rows, search.changed);
	return { rows: search.rows, problems: search.problems, indexed: search.rows.length - search.changed };
}

/** The paths of the run folders at or below `root`, sorted; nothing of them is read. `problems` gets what `Found` has. */
export function runFolders(root: string, problems: string[]): string[] {
	const found: string[] = [];
	const look = (path: string) => {
		const entries = entriesOf(path, problems);
		if (entries.some(({ name }) => name === 'status.json')) {
			found.push(path);
			return;
		}
		for (const entry of entries) {
			if (entry.isDirectory() && !isSkipped(entry.name)) {
				look(join(path, entry.name));
			}
		}
	};
	look(root);
	return found.sort(order.compare);
}

// run-2 comes before run-10.
const order = new Intl.Collator('en', { numeric: true });

class Search {
	readonly rows: RunRow[] = [];
	readonly problems: string[] = [];
	changed = 0;
	readonly #root: string;
	readonly #index: IndexFile | undefined;

	constructor(root: string, index: IndexFile | undefined) {
		this.#root = root;
		this.#index = index;
	}

	async look(relative: string): Promise<void> {
		const path = relative === '' ? this.#root : `${this.#root}/${relative}`;
		const known = this.#index?.fresh(relative, path);
		if (known !== undefined) {
			this.rows.push(known);
			return;
		}
		const stats = statSync(path, { throwIfNoEntry: false });
		const names = namesIn(path);
		if (names.includes('status.json')) {
			await this.#read(path, relative, stats?.mtimeMs ?? 0, names);
			return;
		}
		for (const entry of entriesOf(path, this.problems)) {
			if (entry.isDirectory() && !isSkipped(entry.name)) {
				await this.look(relative === '' ? entry.name : `${relative}/${entry.name}`);
			}
		}
	}

	// The readers are loaded with the first run that the index does not have.
	async #read(path: string, relative: string, modified: number, names: readonly string[]): Promise<void> {
		const { readRow } = reader ?? (await loadReader());
		const { row, problems } = readRow(path, relative === '' ? '.' : relative, names);
		this.changed++;
		this.rows.push(row);
		for (const problem of problems) {
			this.problems.push(problem);
		}
		// What is wrong is said each time.
		if (problems.length === 0) {
			this.#index?.remember(relative, path, modified, row);
		}
	}
}

let reader: typeof import('./run-row.ts') | undefined;

async function loadReader(): Promise<typeof import('./run-row.ts')> {
	reader = await import('./run-row.ts');
	return reader;
}

// Without their kinds, which cost as much again: most folders of a large tree are runs.
function namesIn(path: string): readonly string[] {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}

function entriesOf(path: string, problems: string[]) {
	try {
		return readdirSync(path, { withFileTypes: true });
	} catch (error) {
		// Bytes that are no character were replaced, and so it is the name of something else now.
		const isMisnamed = path.includes('\ufffd') && (error as NodeJS.ErrnoException).code === 'ENOENT';
		const reason = isMisnamed ? 'its name is not UTF-8; rename it' : (error as Error).message;
		problems.push(`${path} cannot be read: ${reason}`);
		return [];
	}
}

// The trash, half-made runs, caches.
function isSkipped(name: string): boolean {
	return name.startsWith('.') || name === 'node_modules';
}
