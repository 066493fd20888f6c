import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '../core/errors.ts';
import { Streams } from '../core/random.ts';
import { visible } from '../core/visible.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { parseJson } from '../files/json.ts';
import { sha256 } from './digest.ts';

/** How a source of examples is divided. */
export interface SplitRequest {
	/** Examples 0 … pool−1 of the source, of which `valid` and `test` are drawn; the rest is for training. */
	readonly pool: number;
	readonly valid: number;
	readonly test: number;
	/** Examples pool … pool+fixedTest−1, all for testing: a test split made by the authors of the data. */
	readonly fixedTest: number;
	readonly seed: number;
}

/** Positions in the source, ascending, each in one split. */
export interface SplitIndex {
	readonly train: Int32Array;
	readonly valid: Int32Array;
	readonly test: Int32Array;
	/** SHA-256 of what is stored. */
	readonly sha256: string;
}

/** Draws an index: the first of a permutation by the seed's stream `split` are valid, the next test. */
export function drawSplit(request: SplitRequest): SplitIndex {
	const { pool, valid, test, fixedTest, seed } = request;
	const order = new Streams(seed).stream('split').permutation(pool);
	const fixed = Int32Array.from({ length: fixedTest }, (_, i) => pool + i);
	const index = {
		valid: Int32Array.from(order.subarray(0, valid)).sort(),
		test: Int32Array.from([...order.subarray(valid, valid + test), ...fixed]).sort(),
		train: Int32Array.from(order.subarray(valid + test)).sort(),
	};
	return { ...index, sha256: sha256(Buffer.from(indexText(request, index))) };
}

/** Where the index of a request is stored in a folder. */
export function splitPath(folder: string, { valid, test, seed }: SplitRequest): string {
	return join(folder, `split-seed${seed}-valid${valid}${test > 0 ? `-test${test}` : ''}.json`);
}

/**
 * The stored index of a request, verified; drawn and stored the first time unless `store` is false. Where it cannot be
 * stored (a read-only disk) it is drawn again each time, the same index, and `say` is told once.
 *
 * A stored file whose contents do not give its hash, or that is of another source, is an EnvironmentError.
 */
export function splitIndex(
	folder: string,
	request: SplitRequest,
	store = true,
	say: (text: string) => void = (text) => void process.stderr.write(`${visible(text)}\n`),
): SplitIndex {
	const path = splitPath(folder, request);
	if (existsSync(path)) {
		return readSplit(path, request);
	}
	const index = drawSplit(request);
	if (store && existsSync(dirname(path))) {
		tryStore(path, request, index, say);
	}
	return index;
}

/** Whether this process has warned of a folder that cannot be written to, which it does once for each. */
export function hasWarned(): boolean {
	return told.size > 0;
}

// Folders that could not be written to.
const told = new Set<string>();

function tryStore(path: string, request: SplitRequest, index: SplitIndex, say: (text: string) => void): void {
	try {
		writeSplit(path, request, index);
	} catch (error) {
		if (!(error instanceof EnvironmentError)) {
			throw error;
		}
		const folder = dirname(path);
		if (!told.has(folder)) {
			told.add(folder);
			say(`The split index is drawn from its seed each time, the same one, for it cannot be stored: ${error.message}`);
		}
	}
}

/** Stores an index. */
export function writeSplit(path: string, request: SplitRequest, index: SplitIndex): void {
	writeFileAtomic(path, `{"sha256":"${index.sha256}",\n"index":${indexText(request, index)}}\n`);
}

function readSplit(path: string, request: SplitRequest): SplitIndex {
	const stored = parse(path, request);
	const { pool, valid, test, fixedTest, seed } = stored.index.request;
	const index = {
		train: Int32Array.from(stored.index.train),
		valid: Int32Array.from(stored.index.valid),
		test: Int32Array.from(stored.index.test),
	};
	const hash = sha256(Buffer.from(indexText({ pool, valid, test, fixedTest, seed }, index)));
	if (hash !== stored.sha256) {
		throw damaged(path, `its contents have the sha256 ${hash}, not the recorded ${stored.sha256}`);
	}
	if (JSON.stringify(ordered(request)) !== JSON.stringify(ordered(stored.index.request))) {
		throw damaged(path, `it divides ${JSON.stringify(stored.index.request)}, not ${JSON.stringify(ordered(request))}`);
	}
	checkDisjoint(path, index, pool + fixedTest);
	return { ...index, sha256: hash };
}

interface Stored {
	readonly sha256: string;
	readonly index: {
		readonly request: SplitRequest;
		readonly train: readonly number[];
		readonly valid: readonly number[];
		readonly test: readonly number[];
	};
}

// Each example is a number of at most ten digits, with a comma and, where somebody set it out, a line of its own.
function mostBytes({ pool, fixedTest }: SplitRequest): number {
	return 2 ** 16 + 24 * (pool + fixedTest);
}

function parse(path: string, request: SplitRequest): Stored {
	let value: Partial<Stored> | undefined;
	try {
		value = parseJson(readText(path, mostBytes(request)), path) as Partial<Stored>;
	} catch (error) {
		throw damaged(path, (error as Error).message);
	}
	const index = value?.index;
	const lists = [index?.train, index?.valid, index?.test];
	if (typeof value?.sha256 !== 'string' || !isObject(index?.request) || !lists.every(Array.isArray)) {
		throw damaged(path, 'it holds no index');
	}
	return value as Stored;
}

function readText(path: string, most: number): string {
	const stats = statSync(path);
	if (!stats.isFile() || stats.size > most) {
		throw new Error(stats.isFile() ? `it has ${stats.size} bytes, more than any index` : 'it is no file');
	}
	return readFileSync(path, 'utf8');
}

function isObject(value: unknown): boolean {
	return typeof value === 'object' && value !== null;
}

function checkDisjoint(path: string, { train, valid, test }: Omit<SplitIndex, 'sha256'>, size: number): void {
	const seen = new Uint8Array(size);
	for (const id of [...train, ...valid, ...test]) {
		if (!(id >= 0 && id < size) || seen[id] === 1) {
			throw damaged(path, `example ${id} is in two splits, or not among the ${size} of the source`);
		}
		seen[id] = 1;
	}
	if (train.length + valid.length + test.length !== size) {
		throw damaged(path, `it names ${train.length + valid.length + test.length} examples of ${size}`);
	}
}

function damaged(path: string, problem: string): EnvironmentError {
	return new EnvironmentError(
		'data.split',
		`The split index ${path} cannot be used: ${problem}. Remove the file to have it made again.`,
	);
}

function indexText(request: SplitRequest, { train, valid, test }: Omit<SplitIndex, 'sha256'>): string {
	const lists = { train: [...train], valid: [...valid], test: [...test] };
	return JSON.stringify({ request: ordered(request), ...lists });
}

function ordered({ pool, valid, test, fixedTest, seed }: SplitRequest): SplitRequest {
	return { pool, valid, test, fixedTest, seed };
}
