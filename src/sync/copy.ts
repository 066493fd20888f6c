import {
	copyFileSync,
	existsSync,
	lstatSync,
	readdirSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { guard, makeFolder } from '../files/atomic.ts';
import { isExcluded } from './exclusions.ts';

/** How a mirror is brought up to date. */
export interface MirrorOptions {
	readonly exclude: readonly string[];
	/** Remove what the source does not have. */
	readonly isDeleting: boolean;
	/** Change nothing, only say what would be done. */
	readonly isDryRun: boolean;
}

/** Mirrors a folder to another one without rsync; returns `+ path` for what was copied and `- path` for what was removed. */
export function copyTree(source: string, target: string, { exclude, isDeleting, isDryRun }: MirrorOptions): string[] {
	const done: string[] = [];
	const names = filesBelow(source, exclude);
	for (const name of names) {
		const [from, to] = [join(source, name), join(target, name)];
		if (guard(to, () => isSame(from, to))) {
			continue;
		}
		done.push(`+ ${name}`);
		if (!isDryRun) {
			guard(to, () => {
				makeFolder(dirname(to));
				copy(from, to);
			});
		}
	}
	if (isDeleting && existsSync(target)) {
		const wanted = new Set(names);
		for (const name of filesBelow(target, exclude).filter((other) => !wanted.has(other))) {
			done.push(`- ${name}`);
			if (!isDryRun) {
				guard(join(target, name), () => rmSync(join(target, name)));
			}
		}
	}
	return done;
}

/** Files and links below a folder that are not left out, sorted, relative to it. */
export function filesBelow(folder: string, exclude: readonly string[]): string[] {
	const found: string[] = [];
	const look = (inside: string) => {
		for (const entry of readdirSync(join(folder, inside), { withFileTypes: true })) {
			const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
			if (isExcluded(name, exclude)) {
				continue;
			}
			if (entry.isDirectory()) {
				look(name);
			} else if (entry.isFile() || entry.isSymbolicLink()) {
				found.push(name);
			}
		}
	};
	look('');
	return found.sort();
}

function isSame(from: string, to: string): boolean {
	const [a, b] = [lstatSync(from), lstatSync(to, { throwIfNoEntry: false })];
	if (b === undefined || a.isSymbolicLink() !== b.isSymbolicLink()) {
		return false;
	}
	// Times of some file systems are coarser than those of others.
	return a.isSymbolicLink()
		? readlinkSync(from) === readlinkSync(to)
		: a.size === b.size && Math.abs(a.mtimeMs - b.mtimeMs) < 10;
}

function copy(from: string, to: string): void {
	rmSync(to, { force: true });
	const stats = lstatSync(from);
	if (stats.isSymbolicLink()) {
		symlinkSync(readlinkSync(from), to);
		return;
	}
	copyFileSync(from, to);
	utimesSync(to, stats.atime, stats.mtime);
}
