import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { runFolderOf } from './run-folder-of.ts';

const mostLinks = 40;

/** The path that a path leads to where it is a link, also where nothing is there yet. */
export function placeOf(path: string): string {
	let place = resolve(path);
	for (let links = 0; links <= mostLinks; links++) {
		if (!lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) {
			return place;
		}
		place = resolve(dirname(place), readlinkSync(place));
	}
	throw new RefusedError('run.link', `${path} is a link that leads to itself.`);
}

/** Throws a RefusedError where a run at `path` would lie inside the folder of another run. */
export function refuseInsideRun(path: string): void {
	const outer = runFolderOf(path) ?? runFolderOf(realPlace(placeOf(path)));
	if (outer !== undefined) {
		const reason = `it lies inside the run ${outer}, and a run folder holds nothing but its own run`;
		throw new RefusedError('run.inside_run', `${path} cannot hold a run: ${reason}. Choose a folder beside it.`);
	}
}

// Folders on the way may be links too; those that do not exist yet are none.
function realPlace(path: string): string {
	return existsSync(path) || path === dirname(path)
		? realpathSync(path)
		: join(realPlace(dirname(path)), basename(path));
}
