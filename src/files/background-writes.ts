import { closeSync, fsync, lstatSync, openSync, renameSync, rmSync, statSync, symlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { createFolder, durableStep, explain, temporaryName } from './atomic.ts';

const fsyncElsewhere = promisify(fsync);

/** Resolves when the next step may be taken. */
export type Pace = () => Promise<void>;

/**
 * The durable writes of atomic.ts for work that goes on beside other work: the steps, their order, their announcement
 * and the errors are the same, but waiting for the disk is left to another thread.
 *
 * A step that changes anything is announced and taken at once in this thread, so that a listener who refuses it (the
 * folder has another owner by now) refuses what is about to happen, not what may happen later.
 */
export class BackgroundWrites {
	readonly #pace: Pace;

	/** `pace` is waited for before every step. */
	constructor(pace: Pace = () => Promise.resolve()) {
		this.#pace = pace;
	}

	/** Like `writeFileDurable`: a new file and its fsync. */
	writeFile(path: string, data: Uint8Array): Promise<void> {
		return guarded(path, async () => {
			await this.#pace();
			durableStep({ kind: 'write', path, data });
			const handle = openSync(path, 'wx');
			try {
				let written = 0;
				while (written < data.length) {
					written += writeSync(handle, data, written);
				}
				await this.#sync('fsync', path, handle);
			} finally {
				closeSync(handle);
			}
		});
	}

	/** Renames durably. */
	rename(from: string, to: string): Promise<void> {
		return guarded(to, async () => {
			await this.#pace();
			durableStep({ kind: 'rename', path: from, to });
			renameSync(from, to);
			await this.syncFolder(dirname(to));
		});
	}

	/** Removes a file or a folder with all it holds, a folder in one instant for whoever looks; a missing one is fine. */
	remove(path: string): Promise<void> {
		return guarded(path, async () => {
			const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
			const doomed = isFolder ? temporaryName(path) : path;
			if (isFolder) {
				await this.rename(path, doomed);
			}
			await this.#pace();
			durableStep({ kind: 'remove', path: doomed });
			rmSync(doomed, { recursive: true, force: true });
			await this.syncFolder(dirname(path));
		});
	}

	/** Creates a folder and its parents, durably. */
	makeFolder(path: string): Promise<void> {
		return guarded(path, async () => {
			if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
				return;
			}
			await this.makeFolder(dirname(path));
			await this.#pace();
			durableStep({ kind: 'mkdir', path });
			createFolder(path);
			await this.syncFolder(dirname(path));
		});
	}

	/** Creates a symbolic link; not durable by itself: for one that is renamed into its place. */
	link(target: string, path: string): Promise<void> {
		return guarded(path, async () => {
			await this.#pace();
			durableStep({ kind: 'symlink', path, to: target });
			symlinkSync(target, path);
		});
	}

	/** Makes the names in a folder survive losing power. */
	syncFolder(path: string): Promise<void> {
		return guarded(path, async () => {
			const handle = openSync(path, 'r');
			try {
				await this.#sync('fsync-folder', path, handle);
			} finally {
				closeSync(handle);
			}
		});
	}

	async #sync(kind: 'fsync' | 'fsync-folder', path: string, handle: number): Promise<void> {
		await this.#pace();
		durableStep({ kind, path });
		await fsyncElsewhere(handle);
	}
}

/** The fsync of an open file that goes on being written: what is in it now survives losing power once this resolves. */
export function syncOpenFile(path: string, file: number): Promise<void> {
	return guarded(path, () => {
		durableStep({ kind: 'fsync', path });
		return fsyncElsewhere(file);
	});
}

async function guarded<T>(path: string, action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (error) {
		throw explain(path, error);
	}
}
