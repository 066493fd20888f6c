import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { RefusedError } from '../core/errors.ts';
import {
	durableStep,
	guard,
	makeFolder,
	removeLeftovers,
	renameDurable,
	syncFolder,
	temporaryName,
	writeFileDurable,
} from '../files/atomic.ts';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { leaseOwner } from './lease.ts';
import { describeOwner } from './lease-file.ts';
import { runFiles, runPath } from './paths.ts';
import { placeOf, refuseInsideRun } from './place.ts';
import { preparedStatus, readStatus, type Status } from './status.ts';

/** What is at the place a run is to be saved to. */
export type FolderFound =
	| { readonly kind: 'absent' }
	| { readonly kind: 'empty' }
	/** `status` is missing where `status.json` cannot be understood; `schema` is what it calls itself. */
	| { readonly kind: 'run'; readonly status: Status | undefined; readonly schema: string }
	/** A folder that holds other things: some of their names. */
	| { readonly kind: 'foreign'; readonly entries: readonly string[]; readonly count: number }
	| { readonly kind: 'file' };

/** Looks at the place without changing anything. A run folder is one that holds a `status.json` of gimlet. */
export function inspectFolder(path: string): FolderFound {
	refuseBelowFile(path);
	const stats = guard(path, () => statSync(path, { throwIfNoEntry: false }));
	if (stats === undefined) {
		return { kind: 'absent' };
	}
	if (!stats.isDirectory()) {
		return { kind: 'file' };
	}
	const schema = statusSchemaOf(path);
	if (schema?.startsWith('gimlet.status/')) {
		return { kind: 'run', status: readStatus(path), schema };
	}
	const entries = guard(path, () => readdirSync(path)).filter((name) => !isOurLeftover(name));
	return entries.length === 0
		? { kind: 'empty' }
		: { kind: 'foreign', entries: entries.sort().slice(0, 5), count: entries.length };
}

/**
 * Creates a run folder in state `prepared` with its first files (`{'config.gin': '…'}`; names may hold `/`). It is built
 * under another name and renamed, so that a crash leaves either no folder or a whole one. `absent` and `empty` places
 * only: anything else throws a RefusedError that names the path and the reason, and stays as it is.
 */
export function createRunFolder(path: string, files: Readonly<Record<string, string | Uint8Array>>): void {
	refuseOccupied(path);
	// A link to an empty folder, on another disk say, stays one.
	const place = placeOf(path);
	const parent = dirname(place);
	makeFolder(parent);
	// Of an earlier attempt that died on the way.
	removeLeftovers(parent, basename(place));
	const staging = temporaryName(place);
	makeFolder(staging);
	try {
		const folders = new Set([staging]);
		for (const [name, content] of Object.entries(files)) {
			const file = join(staging, name);
			makeFolder(dirname(file));
			folders.add(dirname(file));
			writeFileDurable(file, content);
		}
		writeFileDurable(runPath(staging, 'status'), `${JSON.stringify(preparedStatus(), undefined, '\t')}\n`);
		folders.forEach(syncFolder);
		renameInto(staging, place);
	} catch (error) {
		rmSync(staging, { recursive: true, force: true });
		throw error;
	}
}

/**
 * Puts a new run in the place of one that `isUntrained`, whose lease the caller holds. A crash on the way leaves the old
 * run, no run or the new one.
 */
export function replaceRunFolder(path: string, files: Readonly<Record<string, string | Uint8Array>>): void {
	const whole = resolve(path);
	const aside = temporaryName(whole);
	renameDurable(whole, aside);
	try {
		createRunFolder(path, files);
	} catch (error) {
		if (!existsSync(whole)) {
			renameDurable(aside, whole);
		}
		throw error;
	}
	rmSync(aside, { recursive: true, force: true });
}

/** Throws a RefusedError unless a run can be created at `path`. */
export function refuseOccupied(path: string): void {
	const found = inspectFolder(path);
	if (found.kind !== 'run') {
		refuseInsideRun(path);
	}
	if (found.kind === 'file') {
		throw new RefusedError('run.is_file', `${path} is a file: a run is saved to a folder.`);
	}
	if (found.kind === 'foreign') {
		const names = found.entries.join(', ') + (found.count > found.entries.length ? ', …' : '');
		const reason = `it is not empty and holds no run (found: ${names}). Choose another folder.`;
		throw new RefusedError('run.foreign', `${path} cannot hold the run: ${reason}`);
	}
	if (found.kind === 'run') {
		const state = found.status?.state ?? `unreadable, ${found.schema}`;
		const advice = 'Continue it with training_loop.resume=True, or move it aside with --force-new.';
		throw new RefusedError('run.exists', `${path} already holds a run (${state}). ${advice}`);
	}
}

/**
 * Moves a run folder to the first free of `name.old-1`, `name.old-2`, … and returns that path. Refused while a living
 * process writes into it, and for anything that is no run.
 */
export function moveAside(path: string): string {
	const found = inspectFolder(path);
	if (found.kind !== 'run') {
		throw new RefusedError('run.foreign', `${path} is not moved aside: it holds no run.`);
	}
	const owner = leaseOwner(path);
	if (owner?.alive) {
		throw new RefusedError('run.in_use', `${path} is in use by ${describeOwner(owner.record)}: ${owner.why}.`);
	}
	const whole = placeOf(path);
	for (let number = 1; ; number++) {
		const aside = `${whole}.old-${number}`;
		if (!existsSync(aside) && reserve(aside)) {
			// An empty folder of that name is ours now; a rename replaces it and nothing else.
			renameDurable(whole, aside);
			return aside;
		}
	}
}

function refuseBelowFile(path: string): void {
	for (let above = dirname(resolve(path)); above !== dirname(above); above = dirname(above)) {
		if (isOtherThanFolder(above)) {
			throw new RefusedError('run.below_file', `${path} cannot hold a run: ${above} is a file.`);
		}
	}
}

function isOtherThanFolder(path: string): boolean {
	try {
		return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
	} catch (error) {
		// What lies below a file: the file itself is found further up.
		if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') {
			return false;
		}
		throw error;
	}
}

function reserve(path: string): boolean {
	try {
		guard(path, () => mkdirSync(path));
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			return false;
		}
		throw error;
	}
}

// A rename onto an empty folder succeeds; onto one that somebody filled meanwhile it fails.
function renameInto(staging: string, path: string): void {
	try {
		durableStep({ kind: 'rename', path: staging, to: path });
		renameSync(staging, path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') {
			// Another process was quicker: what looks left over may be a file that it is writing now.
			if (inspectFolder(path).kind === 'run') {
				refuseOccupied(path);
			}
			for (const name of existsSync(path) && statSync(path).isDirectory() ? readdirSync(path) : []) {
				if (isOurLeftover(name)) {
					rmSync(join(path, name), { recursive: true, force: true });
				}
			}
			refuseOccupied(path);
		}
		guard(path, () => renameSync(staging, path));
	}
	syncFolder(dirname(resolve(path)));
}

function isOurLeftover(name: string): boolean {
	return name.startsWith(`${runFiles.lock}.`) || /^\..+\.\d+\.[0-9a-f]{8}\.tmp$/u.test(name);
}

function statusSchemaOf(folder: string): string | undefined {
	try {
		return readRecordInside(folder, runFiles.status, z.looseObject({ schema: z.string() }), limits.note)?.schema;
	} catch {
		return undefined;
	}
}
