import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Stream } from '../src/core/random.ts';

/** One line of a trace that `record-writes.ts` has written. */
export interface TracedStep {
	readonly kind: 'write' | 'fsync' | 'rename' | 'fsync-folder' | 'remove' | 'truncate' | 'mkdir' | 'symlink';
	readonly path: string;
	readonly to?: string;
	/** Base64. */
	readonly data?: string;
	readonly size?: number;
}

/**
 * What the machine loses besides data that was not synced: `names` are lost too (creations, renames and removals whose
 * folder was not synced), or they are `kept`, so that a name may lead to a file without its data. `mixed`: chance decides
 * for each folder, and how much of each file had reached the disk: whatever was not synced may come in any order.
 */
export type Loss = 'names' | 'kept' | 'mixed';

export function readTrace(path: string): TracedStep[] {
	return readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as TracedStep);
}

/** A disk with a volatile cache, in memory. */
export class Disk {
	readonly #root: string;
	readonly #top = folder();

	/** `root`: an absolute path; steps outside it are left out. */
	constructor(root: string) {
		this.#root = root;
	}

	apply(step: TracedStep): void {
		const { kind, path, to, data, size } = step;
		const parts = relative(this.#root, path).split('/');
		if (parts[0] === '..') {
			return;
		}
		switch (kind) {
			case 'mkdir':
				this.#parent(path).now.set(basename(path), folder());
				break;
			case 'symlink':
				this.#parent(path).now.set(basename(path), { kind: 'link', target: to! });
				break;
			case 'remove':
				this.#parent(path).now.delete(basename(path));
				break;
			case 'rename': {
				const node = this.#find(path);
				this.#parent(path).now.delete(basename(path));
				this.#parent(to!).now.set(basename(to!), node);
				break;
			}
			case 'write': {
				const file = this.#file(path);
				file.now = Buffer.concat([file.now, Buffer.from(data!, 'base64')]);
				break;
			}
			case 'truncate': {
				const file = this.#file(path);
				file.now = file.now.subarray(0, size);
				break;
			}
			case 'fsync': {
				const file = this.#file(path);
				file.safe = file.now;
				break;
			}
			case 'fsync-folder': {
				const found = this.#folder(path);
				found.safe = new Map(found.now);
				break;
			}
		}
	}

	/** Writes what is left after the power went out into an existing, empty folder. */
	materialise(target: string, loss: Loss, random: Stream): void {
		write(this.#top, target, loss, random);
	}

	/** Equal texts, equal disks. */
	fingerprint(loss: Loss): string {
		return describe(this.#top, loss);
	}

	#file(path: string): File {
		const parent = this.#parent(path);
		const found = parent.now.get(basename(path)) ?? { kind: 'file', now: Buffer.alloc(0), safe: Buffer.alloc(0) };
		if (found.kind !== 'file') {
			throw new Error(`${path} is no file in the trace.`);
		}
		parent.now.set(basename(path), found);
		return found;
	}

	#parent(path: string): Folder {
		return this.#folder(dirname(path));
	}

	#folder(path: string): Folder {
		const found = this.#find(path);
		if (found.kind !== 'folder') {
			throw new Error(`${path} is no folder in the trace.`);
		}
		return found;
	}

	#find(path: string): Node {
		let node: Node = this.#top;
		for (const name of relative(this.#root, path).split('/')) {
			const next: Node | undefined = name === '' ? node : node.kind === 'folder' ? node.now.get(name) : undefined;
			if (next === undefined) {
				throw new Error(`${path} is not in the trace.`);
			}
			node = next;
		}
		return node;
	}
}

interface File {
	readonly kind: 'file';
	now: Buffer;
	safe: Buffer;
}

interface Folder {
	readonly kind: 'folder';
	readonly now: Map<string, Node>;
	safe: Map<string, Node>;
}

type Node = File | Folder | { readonly kind: 'link'; readonly target: string };

function folder(): Folder {
	return { kind: 'folder', now: new Map(), safe: new Map() };
}

function entries(node: Folder, loss: Loss, random?: Stream): Array<[string, Node]> {
	const isSafe = loss === 'names' || (loss === 'mixed' && random !== undefined && random.int(2) === 0);
	return [...(isSafe ? node.safe : node.now)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function write(node: Folder, target: string, loss: Loss, random: Stream): void {
	for (const [name, child] of entries(node, loss, random)) {
		const path = join(target, name);
		if (child.kind === 'folder') {
			mkdirSync(path);
			write(child, path, loss, random);
		} else if (child.kind === 'file') {
			writeFileSync(path, loss === 'mixed' ? partOf(child, random) : child.safe);
		} else {
			symlinkSync(child.target, path);
		}
	}
}

// Blocks of a file reach the disk in any order, its length sometimes first: then zeros stand for what is missing.
function partOf({ now, safe }: File, random: Stream): Buffer {
	if (now.length <= safe.length) {
		return random.int(2) === 0 ? now : safe;
	}
	const part = now.subarray(0, safe.length + random.int(now.length - safe.length + 1));
	return random.int(3) === 0 ? Buffer.concat([part, Buffer.alloc(now.length - part.length)]) : part;
}

function describe(node: Folder, loss: Loss): string {
	return entries(node, loss)
		.map(([name, child]) => {
			if (child.kind === 'folder') {
				return `${name}/(${describe(child, loss)})`;
			}
			return child.kind === 'file' ? `${name}=${child.safe.toString('latin1')}` : `${name}->${child.target}`;
		})
		.join(';');
}
