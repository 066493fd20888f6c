import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeLeftovers } from '../files/atomic.ts';
import { type FetchOptions, fetchFiles } from './fetch.ts';
import { flaw, type RequiredFile } from './files.ts';
import { importFiles } from './import.ts';
import { alone } from './lock.ts';

export interface PrepareOptions extends FetchOptions {
	/** A file or folder to take the files from instead of fetching them. */
	readonly from?: string;
}

/** Makes a data set's files ready under `dataDir`; true when there was something to do. Ready files are verified only. */
export async function prepareFiles(
	dataset: string,
	dataDir: string,
	files: readonly RequiredFile[],
	options: PrepareOptions = {},
): Promise<boolean> {
	const folder = join(dataDir, dataset);
	if (flawed(folder, files).length === 0) {
		return false;
	}
	const work = alone(
		folder,
		async () => {
			removeLeftovers(folder);
			// Another process may have done the work meanwhile.
			const wanting = flawed(folder, files);
			if (wanting.length > 0 && options.from === undefined) {
				await fetchFiles(dataset, folder, wanting, options);
			} else if (wanting.length > 0) {
				importFiles(dataset, folder, wanting, options.from!);
			}
			return wanting.length > 0;
		},
		(pid) => options.onNotice?.(`waiting for process ${pid}, which prepares ${folder}`),
	);
	try {
		return await work;
	} catch (error) {
		removeEmpty(folder);
		throw error;
	}
}

function removeEmpty(folder: string): void {
	try {
		rmdirSync(folder);
	} catch {
		// It holds something, perhaps the beginning of a transfer.
	}
}

function flawed(folder: string, files: readonly RequiredFile[]): RequiredFile[] {
	return files.filter((file) => flaw(folder, file) !== undefined);
}
