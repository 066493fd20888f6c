import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Value } from '../gin/ast.ts';
import type { ComponentInfo } from './catalog.ts';

/** Raised when the layout of the index or the meaning of a schema changes. */
const version = 3;

/** A kind as plain data. */
export interface KindInfo {
	readonly name: string;
	readonly folder: string | undefined;
	readonly description: string;
}

/** Everything declared under a source folder, as plain data: no component file need be run to know it. */
export interface ComponentIndex {
	readonly kinds: readonly KindInfo[];
	readonly components: readonly ComponentInfo[];
	/** Values that component files declare, by dotted name. */
	readonly constants: ReadonlyArray<readonly [name: string, value: Value]>;
}

interface Stored extends ComponentIndex {
	readonly version: number;
	readonly fingerprint: string;
}

/**
 * The index of a source folder: read where it is fresh, else made by `build` and stored for the next time.
 *
 * It is only a copy of what the files say: safe to delete, and safe to write from several processes at once.
 */
export async function componentIndex(
	root: string,
	source: string,
	build: () => Promise<ComponentIndex>,
): Promise<ComponentIndex> {
	const fingerprint = fingerprintOf(source);
	const places = [join(root, '.cache', 'components.json'), personalPlace(root)];
	for (const path of places) {
		const stored = readStored(path);
		if (stored?.version === version && stored.fingerprint === fingerprint) {
			return stored;
		}
	}
	const index = await build();
	// A file changed while the components were read belongs to no index.
	if (fingerprintOf(source) === fingerprint) {
		const text = JSON.stringify({
			version,
			fingerprint,
			kinds: index.kinds,
			components: index.components,
			constants: index.constants,
		} satisfies Stored);
		places.some((path) => tryWrite(path, text));
	}
	return index;
}

/** Changes with every change of a source file: a component's schema may come from any of them. */
export function fingerprintOf(source: string): string {
	const hash = createHash('sha1').update(`${process.versions.node}\n`);
	const visit = (folder: string): void => {
		for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) {
				visit(path);
			} else if (/\.[cm]?[jt]s$/u.test(entry.name)) {
				const { mtimeMs, size } = statSync(path);
				hash.update(`${path}\t${mtimeMs}\t${size}\n`);
			}
		}
	};
	visit(source);
	return hash.digest('hex');
}

function personalPlace(root: string): string {
	const name = createHash('sha1').update(root).digest('hex').slice(0, 16);
	return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gimlet', `components-${name}.json`);
}

function readStored(path: string): Stored | undefined {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as Stored;
	} catch {
		// Absent or damaged: it is made anew.
		return undefined;
	}
}

function tryWrite(path: string, text: string): boolean {
	const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
	try {
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		writeFileSync(temporary, text);
		renameSync(temporary, path);
		return true;
	} catch {
		// A read-only installation works without an index, only slower.
		removeQuietly(temporary);
		return false;
	}
}

function removeQuietly(path: string): void {
	try {
		rmSync(path, { force: true });
	} catch {
		// Where nothing can be written there is nothing to remove.
	}
}
