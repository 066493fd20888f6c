import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../core/errors.ts';
import { sha256 } from './digest.ts';

/** A file a data set needs; a structural twin of the contract that data sets declare. */
export interface RequiredFile {
	/** Under the data set's folder. */
	readonly name: string;
	/** Of the file as stored. */
	readonly sha256: string;
	/** As stored. */
	readonly bytes: number;
	/** Addresses of the file, or of the file packed with gzip, in the order they are tried. */
	readonly mirrors: readonly string[];
}

/** Why a file is not ready; undefined when it is. */
export function flaw(folder: string, file: RequiredFile): string | undefined {
	const found = examine(folder, file);
	return typeof found === 'string' ? found : undefined;
}

/** The verified contents of a data set's files, by name; otherwise an EnvironmentError listing every flaw. */
export function readFiles(dataset: string, dataDir: string, files: readonly RequiredFile[]): Map<string, Uint8Array> {
	const folder = join(dataDir, dataset);
	const contents = new Map<string, Uint8Array>();
	const flaws: string[] = [];
	for (const file of files) {
		const found = examine(folder, file);
		if (typeof found === 'string') {
			flaws.push(`  ${file.name}: ${found}`);
		} else {
			contents.set(file.name, found);
		}
	}
	if (flaws.length > 0) {
		throw new EnvironmentError('data.missing', [
			`The data set ${dataset} is not ready in ${folder}:`,
			...flaws,
			`Get it with: bin/prepare.ts ${dataset}`,
		]);
	}
	return contents;
}

// The content of a file, or what is wrong with it.
function examine(folder: string, file: RequiredFile): Uint8Array | string {
	const path = join(folder, file.name);
	const found = statSync(path, { throwIfNoEntry: false });
	if (found === undefined) {
		return 'missing';
	}
	if (!found.isFile()) {
		return 'not a file';
	}
	if (found.size !== file.bytes) {
		return `damaged: expected ${file.bytes} bytes, found ${found.size}`;
	}
	const content = tryRead(path);
	if (typeof content === 'string') {
		return content;
	}
	const hash = sha256(content);
	return hash === file.sha256 ? content : `damaged: expected the sha256 ${file.sha256}, found ${hash}`;
}

function tryRead(path: string): Uint8Array | string {
	try {
		return readFileSync(path);
	} catch (error) {
		return `cannot be read: ${(error as Error).message}`;
	}
}

/** What to do where nothing can be fetched: which files are wanted, and the command that takes them in. */
export function byHand(dataset: string, folder: string, files: readonly RequiredFile[]): string[] {
	const lines = files.flatMap(({ name, bytes, sha256, mirrors }) => [
		`  ${name} (${bytes} bytes, sha256 ${sha256})`,
		...mirrors.map((mirror) => `    ${mirror}`),
	]);
	return [
		`Place these files (plain, or packed with gzip) in a folder of your own, or ready in ${folder}:`,
		...lines,
		`and take them in with: bin/prepare.ts ${dataset} --from FOLDER`,
	];
}
