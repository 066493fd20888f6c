import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { openForAppend } from '../files/writing.ts';
import { type Console, openConsole, reopen } from './console.ts';
import { FdStream, writeAll } from './fd-stream.ts';
import { appendSeparator } from './separator.ts';
import { type Redirected, redirect } from './standard-stream.ts';
import { type Copiers, type Copy, type Inlet, startCopiers } from './tee.ts';

/** Where the output of this process goes as well, until `close`. */
export interface Capture {
	/** Past the files: for a progress bar. */
	readonly console: Console;
	/** Why native output is missing from the files; undefined where all of it is in them. */
	readonly notice: string | undefined;
	/** Completes both files and gives the descriptors back: call it last. */
	close(): Promise<void>;
}

/** What to capture into. */
export interface CaptureOptions {
	readonly stdout: string;
	readonly stderr: string;
	/** The line that opens this session in both files, and only there. */
	readonly separator: string;
	/** Asked before each piece of output: where it says no, the console alone sees it, after `close`. */
	readonly mayWrite?: () => boolean;
}

/**
 * Copies everything this process, its children and native code write to stdout and stderr into two files, appending,
 * while the console sees what it would have seen.
 *
 * Each descriptor is replaced by a FIFO that a small `tee` reads; the tee holds the original descriptor. Where that
 * cannot be had, only what JavaScript writes is copied, and `notice` says so.
 */
export async function capture(options: CaptureOptions): Promise<Capture> {
	const { separator, mayWrite = () => true } = options;
	const files = { 1: resolve(options.stdout), 2: resolve(options.stderr) } as const;
	appendSeparator(files[1], separator);
	appendSeparator(files[2], separator);
	const terminal = openConsole(2, process.stderr);
	let taps: Taps;
	let notice: string | undefined;
	try {
		taps = await tapDescriptors(files, mayWrite);
	} catch (error) {
		notice = `native output is not captured: ${(error as Error).message}`;
		taps = tapStreams(files, mayWrite);
		appendSeparator(files[2], `--- ${notice} ---`);
	}
	return {
		console: terminal,
		notice,
		async close() {
			await taps.close();
			terminal.close();
		},
	};
}

type Files = Readonly<Record<1 | 2, string>>;

interface Taps {
	close(): Promise<void>;
}

const descriptors = [1, 2] as const;

// A child that outlives us holds a FIFO open: it is not waited for longer than this.
const patienceSeconds = 2;

async function tapDescriptors(files: Files, mayWrite: () => boolean): Promise<Taps> {
	for (const fd of descriptors) {
		await drained(streamOf(fd));
	}
	// How a descriptor is reached again when the copiers have ended. Those that cannot be reopened a copier keeps for us.
	const kept = descriptors.filter(isKept);
	const handles = new Map<1 | 2, number>();
	const copies: Copy[] = descriptors.map((fd) => ({ fd, file: files[fd] }));
	const base = join(tmpdir(), `gimlet-${process.pid}-${randomBytes(6).toString('hex')}`);
	let copiers: Copiers;
	let keepers: Copiers | undefined;
	try {
		for (const fd of descriptors.filter((one) => !kept.includes(one))) {
			handles.set(fd, secondOf(fd));
		}
		// Apart, for those of the way back end last.
		keepers = await startCopiers(
			`${base}.back`,
			kept.map((fd) => ({ fd, file: undefined })),
		);
		copiers = await startCopiers(`${base}.tee`, copies);
	} catch (error) {
		handles.forEach((handle) => void closeSync(handle));
		keepers?.inlets.forEach(({ detach }) => void detach());
		throw error;
	}
	const { inlets } = keepers;
	const wayBack = (fd: 1 | 2): WayBack =>
		handles.has(fd) ? wayOf(handles.get(fd)!) : wayThrough(inlets[kept.indexOf(fd)]!);
	const redirections: Array<ReturnType<typeof divert>> = [];
	const undo = (): void => {
		for (const [i, fd] of descriptors.entries()) {
			const { restore, drop } = wayBack(fd);
			const done = redirections[i];
			if (done !== undefined) {
				replace(fd, restore);
				done.redirected.restore();
			}
			drop();
		}
	};
	try {
		for (const [i, fd] of descriptors.entries()) {
			redirections.push(divert(fd, copiers.inlets[i]!, mayWrite));
		}
	} catch (error) {
		copiers.inlets.slice(redirections.length).forEach(({ detach }) => void detach());
		undo();
		throw error;
	}
	return {
		async close() {
			undo();
			if (kept.length > 0) {
				process.once('exit', () => endOf(keepers, kept));
			}
			await copiers.ended(patienceSeconds);
			for (const { original, late } of redirections) {
				late.forEach((chunk) => void original.write(chunk));
			}
		},
	};
}

// A socket cannot be opened again. Neither can a plain file that is not appended to: it would have another position than
// the one that we share with whoever started us, and what either writes would go over what the other has written.
function isKept(fd: 1 | 2): boolean {
	const stats = fstatSync(fd);
	return stats.isSocket() || (stats.isFile() && !isAppendedTo(fd));
}

function isAppendedTo(fd: number): boolean {
	try {
		const flags = /^flags:\s*([0-7]+)/mu.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
		return (Number.parseInt(flags, 8) & constants.O_APPEND) !== 0;
	} catch {
		// Another system: a copier is never wrong.
		return false;
	}
}

// What is still on its way is on the console before whoever waits for this process writes there.
function endOf(keepers: Copiers, kept: readonly (1 | 2)[]): void {
	kept.forEach(closeSync);
	keepers.endedBlocking(patienceSeconds);
}

interface WayBack {
	restore(): number;
	drop(): void;
}

function wayThrough({ openWriter, detach }: Inlet): WayBack {
	return { restore: openWriter, drop: detach };
}

function wayOf(handle: number): WayBack {
	return { restore: () => reopen(handle)!, drop: () => closeSync(handle) };
}

function secondOf(fd: 1 | 2): number {
	const handle = reopen(fd);
	if (handle === undefined) {
		throw new Error(`descriptor ${fd} cannot be opened a second time`);
	}
	return handle;
}

function divert(fd: 1 | 2, inlet: Inlet, mayWrite: () => boolean) {
	const original = streamOf(fd);
	replace(fd, inlet.openWriter);
	inlet.detach();
	const stream = new FdStream(fd);
	const write = stream._write.bind(stream);
	// For the console, which is reached again at the end: the files are another process' by now.
	const late: Buffer[] = [];
	stream._write = (chunk: Buffer, encoding, done) => {
		if (mayWrite()) {
			write(chunk, encoding, done);
		} else {
			late.push(chunk);
			done();
		}
	};
	return { fd, original, late, redirected: redirect(fd, original, stream) };
}

// Node has no dup2; but open() returns the lowest free number, which is the one just closed.
function replace(fd: 1 | 2, open: () => number): void {
	closeSync(fd);
	const got = open();
	if (got !== fd) {
		throw new Error(`descriptor ${fd} was taken by another thread`);
	}
}

function tapStreams(files: Files, mayWrite: () => boolean): Taps {
	const copies = descriptors.map((fd) => openForAppend(dirname(files[fd]), basename(files[fd])));
	const redirected = descriptors.map((fd, i) => tapStream(fd, copies[i]!, mayWrite));
	return {
		close: async () => {
			redirected.forEach((one) => void one.restore());
			copies.forEach((copy) => void closeSync(copy));
		},
	};
}

function tapStream(fd: 1 | 2, file: number, mayWrite: () => boolean): Redirected {
	const original = streamOf(fd);
	const write = original.write.bind(original);
	const copy = new FdStream(fd);
	copy._write = (chunk: Buffer, _encoding, done) => {
		if (mayWrite()) {
			writeAll(file, chunk);
		}
		write(chunk);
		done();
	};
	return redirect(fd, original, copy);
}

function streamOf(fd: 1 | 2): NodeJS.WriteStream {
	return fd === 1 ? process.stdout : process.stderr;
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise((done) => (stream.writableLength === 0 ? done() : stream.once('drain', () => done())));
}
