import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that copies what comes out of a FIFO to one of our descriptors and, where told, to a file. */
export interface Tee {
	/** The writing end to put in the descriptor's place: blocks only while the copier is behind. */
	openWriter(): number;
	/** Closes what is held open for `openWriter`; the copier ends when the last writer does. */
	detach(): void;
	/** Waits for the copier to end, at most so many seconds; false if it still runs. */
	ended(seconds: number): Promise<boolean>;
}

/** Starts the copier of `fd`; throws if the machine has no `sh`, `tee` or FIFOs. */
export async function startTee(fd: 1 | 2, fifo: string, file: string | undefined): Promise<Tee> {
	await run('mkfifo', ['-m', '600', fifo]);
	const child = spawn('sh', ['-c', file === undefined ? copy : copyToFile, 'tee', fifo, file ?? ''], {
		stdio: ['ignore', fd === 1 ? 1 : 2, 'ignore'],
		cwd: '/',
	});
	const exit = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
	let probe: number;
	try {
		probe = await openWhenRead(fifo, child);
	} catch (error) {
		child.kill('SIGKILL');
		throw error;
	} finally {
		if (child.pid === undefined) {
			unlinkSync(fifo);
		}
	}
	child.unref();
	return {
		// A reader is there, so a plain (blocking) open returns at once; the probe itself never blocks and cannot be used.
		openWriter: () => openSync(fifo, 'w'),
		detach: () => {
			closeSync(probe);
			unlinkSync(fifo);
		},
		ended: async (seconds) => {
			child.ref();
			const inTime = await Promise.race([exit.then(() => true), sleep(seconds * 1000, false, { ref: false })]);
			child.unref();
			return inTime;
		},
	};
}

// Ctrl-C reaches the whole process group, and a console that closes sends SIGPIPE or SIGHUP: the file is still wanted. A
// file that may not grow any more (XFSZ) is no reason to close the console.
const deaf = "trap '' INT TERM HUP QUIT PIPE USR1 USR2 XFSZ;";
const copyToFile = `${deaf} exec tee -a -- "$2" < "$1"`;
const copy = `${deaf} exec cat < "$1"`;

async function openWhenRead(fifo: string, child: ChildProcess): Promise<number> {
	const end = Date.now() + 5000;
	for (;;) {
		try {
			return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENXIO' || child.exitCode !== null || Date.now() > end) {
				throw error;
			}
			await sleep(1);
		}
	}
}

async function run(command: string, args: string[]): Promise<void> {
	const child = spawn(command, args, { stdio: 'ignore', cwd: resolve('.') });
	const [code] = await once(child, 'exit');
	if (code !== 0) {
		throw new Error(`${command} ended with ${code}`);
	}
}
