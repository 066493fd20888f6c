import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { guard, makeFolder } from '../files/atomic.ts';
import { refuseInsideRun } from './place.ts';

/**
 * Makes the next of `version_0`, `version_1`, … below a folder and returns its path: a new one for each of any number of
 * processes that ask at once, since creating a folder succeeds once only.
 */
export function reserveVersion(parent: string): string {
	refuseInsideRun(join(parent, 'version_0'));
	makeFolder(parent);
	for (let number = nextNumber(parent); ; number++) {
		const path = join(parent, `version_${number}`);
		if (isCreated(path)) {
			return path;
		}
	}
}

/** The path that `reserveVersion` would make now; nothing is made. */
export function nextVersion(parent: string): string {
	return join(parent, `version_${existsSync(parent) ? nextNumber(parent) : 0}`);
}

/** Removes a reserved folder that has stayed empty; one that holds a run stays. */
export function giveBackVersion(path: string): void {
	try {
		rmdirSync(path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') {
			throw error;
		}
	}
}

function nextNumber(parent: string): number {
	const names = guard(parent, () => readdirSync(parent));
	return names.reduce((most, name) => Math.max(most, Number(/^version_(\d+)$/u.exec(name)?.[1] ?? -1)), -1) + 1;
}

function isCreated(path: string): boolean {
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
