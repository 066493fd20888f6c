import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, fstatSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Console, openConsole, reopen } from './console.ts';
import { FdStream } from './fd-stream.ts';
import { appendSeparator } from './separator.ts';
import { type Redirected, redirect } from './standard-stream.ts';
import { startTee, type Tee } from './tee.ts';

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
	const taps: Tap[] = [];
	let notice: string | undefined;
	for (const fd of [1, 2] as const) {
		try {
			taps.push(await tapDescriptor(fd, files[fd], mayWrite));
		} catch (error) {
			notice = `native output is not captured: ${(error as Error).message}`;
			taps.push(tapStream(fd, files[fd], mayWrite));
		}
	}
	if (notice !== undefined) {
		appendSeparator(files[2], `--- ${notice} ---`);
	}
	return {
		console: terminal,
		notice,
		async close() {
			await Promise.all(taps.map((tap) => tap.close()));
			terminal.close();
		},
	};
}

interface Tap {
	close(): Promise<void>;
}

// A child that outlives us holds the FIFO open: it is not waited for longer than this.
const patienceSeconds = 2;

async function tapDescriptor(fd: 1 | 2, file: string, mayWrite: () => boolean): Promise<Tap> {
	const base = join(tmpdir(), `gimlet-${process.pid}-${randomBytes(6).toString('hex')}`);
	const original = streamOf(fd);
	await drained(original);
	let way: { restore(): number; drop(): void } | undefined;
	let tee: Tee | undefined;
	try {
		way = await wayBack(fd, `${base}.back`);
		tee = await startTee(fd, `${base}.tee`, file);
		replace(fd, tee.openWriter);
		tee.detach();
	} catch (error) {
		rmSync(`${base}.tee`, { force: true });
		way?.drop();
		throw error;
	}
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
	const redirected = redirect(fd, original, stream);
	return {
		async close() {
			replace(fd, way.restore);
			way.drop();
			redirected.restore();
			await tee.ended(patienceSeconds);
			late.forEach((chunk) => void original.write(chunk));
		},
	};
}

// Node has no dup2; but open() returns the lowest free number, which is the one just closed.
function replace(fd: 1 | 2, open: () => number): void {
	closeSync(fd);
	const got = open();
	if (got !== fd) {
		throw new Error(`descriptor ${fd} was taken by another thread`);
	}
}

// How the descriptor is reached again when the tee has ended. A socket cannot be reopened: a copier keeps it for us.
async function wayBack(fd: 1 | 2, fifo: string): Promise<{ restore(): number; drop(): void }> {
	if (!fstatSync(fd).isSocket()) {
		const handle = reopen(fd);
		if (handle === undefined) {
			throw new Error(`descriptor ${fd} cannot be opened a second time`);
		}
		return { restore: () => reopen(handle)!, drop: () => closeSync(handle) };
	}
	const copier = await startTee(fd, fifo, undefined);
	return { restore: copier.openWriter, drop: copier.detach };
}

function tapStream(fd: 1 | 2, file: string, mayWrite: () => boolean): Tap {
	const original = streamOf(fd);
	const write = original.write.bind(original);
	const copy = new FdStream(fd);
	copy._write = (chunk: Buffer, _encoding, done) => {
		if (mayWrite()) {
			appendFileSync(file, chunk);
		}
		write(chunk);
		done();
	};
	const redirected: Redirected = redirect(fd, original, copy);
	return { close: async () => redirected.restore() };
}

function streamOf(fd: 1 | 2): NodeJS.WriteStream {
	return fd === 1 ? process.stdout : process.stderr;
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise((done) => (stream.writableLength === 0 ? done() : stream.once('drain', () => done())));
}
