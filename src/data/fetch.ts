import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../core/errors.ts';
import { makeFolder, writeFileAtomic } from '../files/atomic.ts';
import { longestPacking, matching, sha256 } from './digest.ts';
import { type DownloadOptions, download, TransferError } from './download.ts';
import { byHand, type RequiredFile } from './files.ts';

export interface FetchOptions extends DownloadOptions {
	/** Base addresses that replace the declared mirrors: `<base>/<data set>/<last part of a declared address>`. */
	readonly mirrors?: readonly string[];
	/** Told why an address was given up. */
	readonly onNotice?: (text: string) => void;
}

/** Fetches files of a data set into its folder, verified; an EnvironmentError says what to place there by hand. */
export async function fetchFiles(
	dataset: string,
	folder: string,
	files: readonly RequiredFile[],
	options: FetchOptions = {},
): Promise<void> {
	const failed: RequiredFile[] = [];
	const reasons: string[][] = [];
	makeFolder(folder);
	for (const file of files) {
		const problems = await fetchFile(dataset, folder, file, options);
		if (problems !== undefined) {
			failed.push(file);
			reasons.push(problems);
		}
	}
	if (failed.length > 0) {
		throw new EnvironmentError('data.fetch', [
			`${dataset} could not be fetched:`,
			...reasons.flat(),
			...byHand(dataset, folder, failed),
		]);
	}
}

async function fetchFile(
	dataset: string,
	folder: string,
	file: RequiredFile,
	options: FetchOptions,
): Promise<string[] | undefined> {
	const problems: string[] = [];
	for (const url of addresses(dataset, file, options.mirrors)) {
		const problem = await fetchFrom(url, folder, file, options);
		if (problem === undefined) {
			return undefined;
		}
		options.onNotice?.(`${url}: ${problem}`);
		problems.push(`  ${url}: ${problem}`);
	}
	return problems.length > 0 ? problems : [`  ${file.name}: no address is known`];
}

async function fetchFrom(
	url: string,
	folder: string,
	file: RequiredFile,
	options: FetchOptions,
): Promise<string | undefined> {
	// What one address began must not be continued with bytes of another, nor in a packing of another name.
	const path = join(folder, `${temporaryPrefix(file)}${sha256(Buffer.from(url)).slice(0, 8)}.download`);
	try {
		await download(url, path, { ...options, most: longestPacking(file.bytes) });
	} catch (error) {
		if (error instanceof TransferError) {
			return error.message;
		}
		throw error;
	}
	const bytes = readFileSync(path);
	const content = matching(bytes, file);
	if (content !== undefined) {
		writeFileAtomic(join(folder, file.name), content);
		removeTemporaries(folder, file);
	}
	rmSync(path, { force: true });
	return content === undefined
		? `wrong checksum: the ${bytes.length} bytes received are not the file of sha256 ${file.sha256}; they were removed`
		: undefined;
}

function addresses(dataset: string, file: RequiredFile, mirrors: readonly string[] | undefined): string[] {
	if (mirrors === undefined || mirrors.length === 0) {
		return [...file.mirrors];
	}
	const names = new Set(file.mirrors.map(lastPart));
	return mirrors.flatMap((base) => [...names].map((name) => `${base.replace(/\/+$/u, '')}/${dataset}/${name}`));
}

function lastPart(url: string): string {
	return new URL(url).pathname.split('/').pop()!;
}

function temporaryPrefix(file: RequiredFile): string {
	return `.${file.name}.`;
}

// What other addresses began and nobody will finish.
function removeTemporaries(folder: string, file: RequiredFile): void {
	for (const name of readdirSync(folder)) {
		if (name.startsWith(temporaryPrefix(file)) && /\.download(\.part)?$/u.test(name)) {
			rmSync(join(folder, name), { force: true });
		}
	}
}
