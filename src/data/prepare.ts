import { join } from 'node:path';
import { type FetchOptions, fetchFiles } from './fetch.ts';
import { flaw, type RequiredFile } from './files.ts';
import { importFiles } from './import.ts';

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
	const wanting = files.filter((file) => flaw(folder, file) !== undefined);
	if (wanting.length === 0) {
		return false;
	}
	if (options.from === undefined) {
		await fetchFiles(dataset, folder, wanting, options);
	} else {
		importFiles(dataset, folder, wanting, options.from);
	}
	return true;
}
