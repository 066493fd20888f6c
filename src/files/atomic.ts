import { createHash, randomBytes } from 'node:crypto';
import {
	appendFileSync,
	closeSync,
	fsyncSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeFailure, isAboutPlace } from '../core/system-errors.ts';

/** One step of a durable write; a listener sees it before it happens. */
export interface DurableStep {
	readonly kind: 'write' | 'fsync' | 'rename' | 'fsync-folder' | 'remove' | 'truncate' | 'mkdir' | 'symlink';
	readonly path: string;
	/** Where a rename goes, or what a symbolic link says. */
	readonly to?: string;
	/** What a write adds to the end of a file. */
	readonly data?: Uint8Array;
	/** What a truncation leaves, in bytes. */
	readonly size?: number;
}

type Listener = (step: DurableStep) => void;

const listeners = new Set<Listener>();

/**
 * Calls `listener` before every step of every durable write of this process: to inject faults, to record a trace, or
 * to refuse (what it throws ends the write, and the old file stays). Returns the function that ends it.
 */
export function onDurableStep(listener: Listener): () => void {
	listeners.add(listener);
	return () => void listeners.delete(listener);
}

/** Announces a durable step that is done elsewhere (an append to a table, say). */
export function durableStep(step: DurableStep): void {
	for (const listener of listeners) {
		listener(step);
	}
}

/**
 * Replaces a file so that at every instant, also after losing power, either the old or the new content is there whole:
 * temporary file beside it, write, fsync, rename, fsync of the folder.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o666): void {
	replaceInPieces(path, (write) => write(typeof content === 'string' ? Buffer.from(content) : content), mode);
}

/** `writeFileAtomic` of content that is made in pieces by `make`; returns how many bytes there are. */
export function replaceInPieces(path: string, make: (write: (data: Uint8Array) => void) => void, mode = 0o666): number {
	const temporary = temporaryName(path);
	return guard(path, () => {
		let bytes: number;
		try {
			bytes = writeDurably(temporary, make, mode);
			durableStep({ kind: 'rename', path: temporary, to: path });
			renameSync(temporary, path);
		} catch (error) {
			rmSync(temporary, { force: true });
			throw error;
		}
		syncFolder(dirname(path));
		return bytes;
	});
}

/** `writeFileAtomic` of a value as JSON, indented with tabs, ending in a newline. */
export function writeJsonAtomic(path: string, value: unknown): void {
	writeFileAtomic(path, `${JSON.stringify(value, undefined, '\t')}\n`);
}

/** Writes a new file and its fsync; not atomic by itself: for files in a folder that is renamed as a whole. */
export function writeFileDurable(path: string, content: string | Uint8Array): void {
	guard(path, () =>
		writeDurably(path, (write) => write(typeof content === 'string' ? Buffer.from(content) : content), 0o666),
	);
}

/** Renames durably. */
export function renameDurable(from: string, to: string): void {
	guard(to, () => {
		durableStep({ kind: 'rename', path: from, to });
		renameSync(from, to);
		syncFolder(dirname(to));
	});
}

/** Removes a file or a folder with all it holds, a folder in one instant for whoever looks; a missing one is fine. */
export function removeDurable(path: string): void {
	guard(path, () => {
		const found = lstatSync(path, { throwIfNoEntry: false });
		const doomed = found?.isDirectory() ? temporaryName(path) : path;
		if (doomed !== path) {
			durableStep({ kind: 'rename', path, to: doomed });
			renameSync(path, doomed);
			syncFolder(dirname(path));
		}
		durableStep({ kind: 'remove', path: doomed });
		rmSync(doomed, { recursive: true, force: true });
		syncFolder(dirname(path));
	});
}

/** Creates a folder and its parents, durably. */
export function makeFolder(path: string, mode = 0o777): void {
	guard(path, () => {
		if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
			makeFolder(dirname(path), mode);
			durableStep({ kind: 'mkdir', path });
			createFolder(path, mode);
			syncFolder(dirname(path));
		}
	});
}

/**
 * Creates a folder in one that exists; nothing happens where it is there already. Node's `recursive` would go round for
 * ever in file systems that deny their own folders, such as /proc.
 */
export function createFolder(path: string, mode = 0o777): void {
	try {
		mkdirSync(path, { mode });
	} catch (error) {
		const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
		if (!isThere || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
			throw error;
		}
	}
}

/** A name beside `path` that `removeLeftovers` recognises once this process has died. */
export function temporaryName(path: string): string {
	return join(dirname(path), `.${stemOf(basename(path))}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
}

/** Makes the names in a folder survive losing power. */
export function syncFolder(path: string): void {
	guard(path, () => {
		durableStep({ kind: 'fsync-folder', path });
		const handle = openSync(path, 'r');
		try {
			fsyncSync(handle);
		} finally {
			closeSync(handle);
		}
	});
}

/** Removes what writers that died have left of their temporary files; with `of`, only those of that name. */
export function removeLeftovers(folder: string, of?: string): void {
	for (const { name, target, pid } of temporaries(folder)) {
		if ((of === undefined || stemOf(of) === target) && !isAlive(pid)) {
			rmSync(join(folder, name), { recursive: true, force: true });
		}
	}
}

/** Removes every temporary file, those of writers that live as well: for the one who alone may write to a folder. */
export function removeTemporaries(folder: string): void {
	for (const { name } of temporaries(folder)) {
		rmSync(join(folder, name), { recursive: true, force: true });
	}
}

/** `removeLeftovers` of a folder and of all folders in it, but for those that `but` names. */
export function removeAllLeftovers(folder: string, but: readonly string[] = []): void {
	removeLeftovers(folder);
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (entry.isDirectory() && !but.includes(entry.name)) {
			removeAllLeftovers(join(folder, entry.name));
		}
	}
}

/** Turns what a machine can fail in (a full disk, a read-only folder) into an error that says so. */
export function guard<T>(path: string, action: () => T): T {
	try {
		return action();
	} catch (error) {
		throw explain(path, error);
	}
}

/** The error to show for a file that could not be written; one that only says what is at a place comes back as it is. */
export function explain(path: string, error: unknown): unknown {
	const shown = (reason: string) => `${path} cannot be written: ${reason}. What was there is untouched.`;
	return isAboutPlace(error) ? error : (describeFailure('disk', error, shown) ?? error);
}

function writeDurably(path: string, make: (write: (data: Uint8Array) => void) => void, mode: number): number {
	let handle: number | undefined;
	let bytes = 0;
	try {
		make((data) => {
			// Before there is a file: a listener who refuses leaves no trace in a folder that may be another's.
			durableStep({ kind: 'write', path, data });
			handle ??= openSync(path, 'wx', mode);
			appendFileSync(handle, data);
			bytes += data.length;
		});
		handle ??= openSync(path, 'wx', mode);
		durableStep({ kind: 'fsync', path });
		fsyncSync(handle);
	} finally {
		if (handle !== undefined) {
			closeSync(handle);
		}
	}
	return bytes;
}

// Names of up to 255 bytes are allowed; one that would be longer with what is added has a hash in place of its end.
function stemOf(name: string): string {
	if (Buffer.byteLength(name) <= longestStem) {
		return name;
	}
	const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
	return `${Buffer.from(name)
		.subarray(0, longestStem - 20)
		.toString('utf8')
		.replaceAll('\ufffd', '')}.${hash}`;
}

const longestStem = 220;

function temporaries(folder: string): Array<{ name: string; target: string; pid: number }> {
	return readdirSync(folder).flatMap((name) => {
		const [, target, pid] = /^\.(.+)\.(\d+)\.[0-9a-f]{8}\.tmp$/u.exec(name) ?? [];
		return target === undefined ? [] : [{ name, target, pid: Number(pid) }];
	});
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
