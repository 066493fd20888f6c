import { closeSync, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { writeAll } from './fd-stream.ts';

/** The console as it was before output was captured: what is written here is in no file. */
export interface Console {
	readonly isTTY: boolean;
	/** Width of the terminal in characters; 80 where there is none. */
	readonly columns: number;
	/** False where the console takes no text of its own (it is no terminal) or is closed. */
	write(text: string): boolean;
	/** Empties the line that the cursor is in where `write` has left text there, so that a message has it to itself. */
	clearLine(): void;
}

/** The console behind file descriptor `fd`, which stays reachable when the descriptor is replaced. */
export function openConsole(fd: 1 | 2, stream: NodeJS.WriteStream): Console & { close(): void } {
	const handle = isatty(fd) ? reopen(fd) : undefined;
	let open = handle !== undefined;
	let isLineEmpty = true;
	const write = (text: string): boolean => {
		open &&= handle !== undefined && tryWrite(handle, text);
		isLineEmpty = /[\r\n]$/u.test(text);
		return open;
	};
	return {
		isTTY: open,
		get columns() {
			return stream.columns || 80;
		},
		write,
		clearLine() {
			if (!isLineEmpty) {
				write('\r\x1b[K\r');
			}
		},
		close() {
			if (handle !== undefined) {
				closeSync(handle);
			}
			open = false;
		},
	};
}

/** A second descriptor of the same terminal, pipe or file; undefined for a socket, which cannot be opened again. */
export function reopen(fd: number): number | undefined {
	const stats = fstatSync(fd);
	const flags = stats.isFile() ? 'a' : 'w';
	for (const path of pathsOf(fd, stats)) {
		try {
			return openSync(path, flags);
		} catch {}
	}
	return undefined;
}

function pathsOf(fd: number, stats: Stats): string[] {
	if (stats.isSocket()) {
		return [];
	}
	const paths = [`/proc/self/fd/${fd}`, `/dev/fd/${fd}`];
	try {
		paths.push(readlinkSync(paths[0]!));
	} catch {}
	return isatty(fd) ? [...paths, '/dev/tty'] : paths;
}

function tryWrite(handle: number, text: string): boolean {
	try {
		writeAll(handle, Buffer.from(text));
		return true;
	} catch {
		return false;
	}
}
