import { isAbsolute, relative, resolve, sep } from 'node:path';
import { UsageError } from '../core/errors.ts';

/** Where a mirror goes: a folder here, or one on a host that ssh reaches. */
export interface Destination {
	/** As rsync takes it. */
	readonly shown: string;
	/** `user@host`; undefined for a folder here. */
	readonly host: string | undefined;
	readonly path: string;
}

/** Reads `FOLDER` or `[USER@]HOST:FOLDER`; a folder inside the source, or around it, is a UsageError. */
export function parseDestination(text: string, source: string): Destination {
	const remote = /^([^/:\s-][^/:\s]*):(.+)$/u.exec(text);
	if (remote !== null) {
		return { shown: text, host: remote[1]!, path: remote[2]! };
	}
	const path = resolve(text);
	if (text.trim() === '' || text.startsWith('-')) {
		throw new UsageError(
			'sync.destination',
			`${JSON.stringify(text)} is no destination: expected a folder or host:folder.`,
		);
	}
	if (isWithin(path, resolve(source)) || isWithin(resolve(source), path)) {
		throw new UsageError(
			'sync.destination',
			`${text} is not a place for a mirror of ${source}: one would be inside the other.`,
		);
	}
	return { shown: path, host: undefined, path };
}

function isWithin(path: string, folder: string): boolean {
	const inside = relative(folder, path);
	return inside === '' || !(inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside));
}
