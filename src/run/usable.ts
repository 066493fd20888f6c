import { join } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { namesInside, statInside } from '../files/inside.ts';
import { limits } from '../files/limits.ts';
import { layouts, type RecordName, readRecord } from './layouts.ts';
import { type RunFile, runFiles } from './paths.ts';

/**
 * Throws a RefusedError unless a run folder can be gone on from, before anything in it is changed: every entry is a file
 * or a folder of its own, and every record holds what it must, in a layout that this version knows.
 */
export function requireUsable(folder: string): void {
	for (const name of Object.keys(runFiles) as RunFile[]) {
		requireEntry(folder, name);
	}
	for (const name of records) {
		readRecord(folder, name);
	}
}

const folders: ReadonlySet<RunFile> = new Set([
	...(['configs', 'events', 'checkpoints', 'evaluations', 'predictions', 'diagnostics', 'media', 'scopes'] as const),
	...(['patches'] as const),
]);

// Who owns the folder is found out with more care, and what a process that died has left of it is no reason to refuse.
const records = (Object.keys(layouts) as RecordName[]).filter((name) => name !== 'lock' && name !== 'heartbeat');

function requireEntry(folder: string, name: RunFile): void {
	if (folders.has(name)) {
		namesInside(folder, runFiles[name]);
		return;
	}
	const found = statInside(folder, runFiles[name]);
	if (found !== undefined && !found.isFile()) {
		throw new RefusedError(
			'file.irregular',
			`${join(folder, runFiles[name])} is no regular file; nothing else is read or written there.`,
		);
	}
	if (name === 'config' && (found?.size ?? 0) > limits.record) {
		throw new RefusedError('file.too_large', `${join(folder, runFiles[name])} has ${found!.size} bytes.`);
	}
}
