import { existsSync, realpathSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { renameDurable } from '../files/atomic.ts';
import { makeFolderInside, namesInside } from '../files/inside.ts';
import { inspectFolder } from '../run/folder.ts';
import { leaseOwner } from '../run/lease.ts';
import { describeOwner } from '../run/lease-file.ts';
import { keepMarker } from './run-row.ts';

/**
 * The real path of a run that may be removed: inside `results`, a run folder, nobody writing into it, not kept.
 * Anything else throws a RefusedError. `name` is a path, or a path inside `results`.
 */
export function planRemoval(name: string, results: string): string {
	const given = [resolve(name), resolve(results, name)].find((path) => existsSync(path));
	if (given === undefined) {
		throw new RefusedError('runs.missing', `${name} does not exist, neither here nor in ${results}.`);
	}
	const folder = realpathSync(given);
	const inside = existsSync(results) ? `${realpathSync(results)}${sep}` : undefined;
	if (inside === undefined || !folder.startsWith(inside)) {
		throw new RefusedError(
			'runs.outside',
			`${name} is not removed: it is not inside the results folder ${results} (set RESULTS_DIR).`,
		);
	}
	if (folder.startsWith(`${inside}${trashName}${sep}`)) {
		throw new RefusedError('runs.in_trash', `${name} is in the trash already.`);
	}
	if (inspectFolder(folder).kind !== 'run') {
		throw new RefusedError('runs.no_run', `${name} is not removed: it is no run folder.`);
	}
	refuseInUse(folder, name);
	return folder;
}

/** Moves a run folder to `.trash` in `results` under a free name, and returns that path. */
export function trash(folder: string, results: string): string {
	refuseInUse(folder, folder);
	const bin = makeFolderInside(realpathSync(results), trashName);
	const taken = new Set(namesInside(bin));
	let name = basename(folder);
	for (let number = 2; taken.has(name); number++) {
		name = `${basename(folder)}.${number}`;
	}
	renameDurable(folder, join(bin, name));
	return join(bin, name);
}

const trashName = '.trash';

function refuseInUse(folder: string, name: string): void {
	const owner = leaseOwner(folder);
	if (owner?.alive) {
		throw new RefusedError('runs.in_use', `${name} is not removed: it is in use by ${describeOwner(owner.record)}.`);
	}
	if (existsSync(join(folder, keepMarker))) {
		throw new RefusedError('runs.kept', `${name} is not removed: it is kept ("runs keep --off" ends that).`);
	}
}
