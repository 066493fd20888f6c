import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is to be copied to one of our descriptors and, where told, to the end of a file. */
export interface Copy {
	readonly fd: 1 | 2;
	readonly file: string | undefined;
}

/** A way into a copier, by a FIFO. */
export interface Inlet {
	/** The writing end to put in a descriptor's place: blocks only while the copier is behind. */
	openWriter(): number;
	/** Closes what is held open for `openWriter`; the copier ends when the last writer does. */
	detach(): void;
}

/** Processes that copy what comes out of FIFOs. */
export interface Copiers {
	/** In the order of the copies asked for. */
	readonly inlets: readonly Inlet[];
	/** Waits for all copiers to end, at most so many seconds; false if one still runs. */
	ended(seconds: number): Promise<boolean>;
	/** The same at the end of this process, without a turn of its event loop. */
	endedBlocking(seconds: number): void;
}

/**
 * Starts a copier for each of `copies`, all by one shell: a process of much memory is slow to make others. `base` begins
 * the names of the FIFOs, which are gone again when this is done. Throws if the machine has no `sh`, `tee` or FIFOs.
 */
export async function startCopiers(base: string, copies: readonly Copy[]): Promise<Copiers> {
	if (copies.length === 0) {
		return { inlets: [], ended: async () => true, endedBlocking() {} };
	}
	const fifos = copies.map((_, i) => `${base}.${i}`);
	const files = copies.map(({ file }) => file ?? '');
	const child = spawn('sh', ['-c', scriptOf(copies), 'tee', ...fifos, ...files], {
		stdio: ['pipe', 1, 2],
		cwd: '/',
	});
	// Held open until the copiers are on their own: it ends, too, when this process is killed.
	const held = child.stdin as Socket | null;
	held?.unref();
	const exit = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
	const probes: number[] = [];
	try {
		for (const fifo of fifos) {
			probes.push(await openWhenRead(fifo, child));
		}
	} catch (error) {
		child.kill('SIGKILL');
		probes.forEach(closeSync);
		fifos.forEach(remove);
		throw error;
	}
	child.unref();
	let attached = copies.length;
	const detached = (): void => {
		attached -= 1;
		if (attached === 0) {
			held?.destroy();
		}
	};
	return {
		inlets: probes.map((probe, i) => inletOf(probe, fifos[i]!, detached)),
		ended: async (seconds) => {
			child.ref();
			const inTime = await Promise.race([exit.then(() => true), sleep(seconds * 1000, false, { ref: false })]);
			child.unref();
			return inTime;
		},
		endedBlocking: (seconds) => waitFor(child.pid!, seconds),
	};
}

function waitFor(pid: number, seconds: number): void {
	const pause = new Int32Array(new SharedArrayBuffer(4));
	for (const end = Date.now() + seconds * 1000; Date.now() < end && runs(pid); ) {
		Atomics.wait(pause, 0, 0, 1);
	}
}

// One that has ended is a zombie until the event loop turns; where that cannot be seen, nobody is waited for.
function runs(pid: number): boolean {
	try {
		return !/\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}

// A reader is there, so a plain (blocking) open returns at once; the probe itself never blocks and cannot be used.
function inletOf(probe: number, fifo: string, detached: () => void): Inlet {
	const held = `/proc/self/fd/${probe}`;
	const isAtHand = existsSync(held);
	if (isAtHand) {
		remove(fifo);
	}
	return {
		openWriter: () => openSync(isAtHand ? held : fifo, 'w'),
		detach: () => {
			closeSync(probe);
			remove(fifo);
			detached();
		},
	};
}

/*
 * Ctrl-C reaches the whole process group, and a console that closes sends SIGPIPE or SIGHUP: the files are still wanted. A
 * file that may not grow any more (XFSZ) is no reason to close the console.
 *
 * Whoever opens one end of a FIFO waits for the other, for ever where we are killed meanwhile. So the shell opens both
 * before anyone else: a FIFO gets the name that is waited for when both of its ends are open. It lets go of them, and of
 * the names, when its input ends. A copier has no descriptor but its own.
 */
function scriptOf(copies: readonly Copy[]): string {
	const names = copies.map((_, i) => `"\${${i + 1}}"`);
	const early = copies.map((_, i) => `"\${${i + 1}}.new"`);
	const both = copies.map((_, i) => 3 + i);
	const reading = both.map((fd) => fd + copies.length);
	const closed = [...both, ...reading].map((fd) => `${fd}>&-`).join(' ');
	const copiers = copies.map(({ fd, file }, i) => {
		const copy = file === undefined ? 'cat' : `tee -a -- "\${${copies.length + i + 1}}"`;
		return `${copy} <&${reading[i]} >&${fd} 2>/dev/null ${closed} &`;
	});
	const deaf = "trap '' INT TERM HUP QUIT PIPE USR1 USR2 XFSZ";
	return [
		deaf,
		'command -v tee >/dev/null || exit',
		`mkfifo -m 600 ${early.join(' ')} 2>/dev/null || exit`,
		`exec ${early.map((name, i) => `${both[i]}<>${name} ${reading[i]}<${name}`).join(' ')}`,
		...names.map((name, i) => `mv -- ${early[i]} ${name} || exit`),
		...copiers,
		'exec >&- 2>&-',
		'read -r _',
		`exec ${closed}`,
		`for name in ${[...names, ...early].join(' ')}; do [ -p "$name" ] && rm -f -- "$name"; done`,
		'wait',
	].join('\n');
}

async function openWhenRead(fifo: string, child: ChildProcess): Promise<number> {
	const end = Date.now() + 60_000;
	for (;;) {
		try {
			return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			// Not made yet, or not read yet.
			const isEarly = code === 'ENXIO' || code === 'ENOENT';
			if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
				throw new Error('a shell with mkfifo and tee is needed');
			}
			if (!isEarly || Date.now() > end) {
				throw error;
			}
			await sleep(1);
		}
	}
}

function remove(fifo: string): void {
	rmSync(fifo, { force: true });
}
