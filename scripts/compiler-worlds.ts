import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a machine has for a C compiler: none, a broken one, one that never ends, a sound one. */
export type World = 'none' | 'failing' | 'hanging' | 'hanging at work' | 'gcc' | 'clang';

const compilers = /^(?:[\w.]+-)*(?:cc|gcc|clang|c89|c99|tcc|icx)(?:-[\d.]+)?$/u;

/** A PATH of links to every program of this machine, but for the compilers: those are as `world` says. */
export function pathOf(world: World, folder: string): string {
	mkdirSync(folder, { recursive: true });
	const kept = world === 'gcc' || world === 'clang' ? world : undefined;
	for (const from of (process.env['PATH'] ?? '').split(delimiter)) {
		for (const name of programs(from)) {
			if (!compilers.test(name) || name === kept) {
				link(join(from, name), join(folder, name));
			}
		}
	}
	if (kept === undefined && world !== 'none') {
		for (const name of ['cc', 'gcc', 'clang']) {
			writeFileSync(join(folder, name), broken[world as keyof typeof broken](join(folder, 'pids')), { mode: 0o755 });
		}
	}
	return folder;
}

/** Of the compilers that hung, and of what they started: the processes that are still there. */
export function survivors(folder: string): number[] {
	return lines(join(folder, 'pids')).map(Number).filter(isAlive);
}

const broken = {
	failing: () => '#!/bin/sh\necho "cc1: something is broken" >&2\nexit 1\n',
	hanging: (pids: string) => `#!/bin/sh\n${hang(pids)}`,
	'hanging at work': (pids: string) =>
		`#!/bin/sh\nif [ "$1" = --version ]; then echo "hanging 1.0"; exit 0; fi\n${hang(pids)}`,
};

// A child of its own too, as a compiler has.
const hang = (pids: string) => `sleep 1000 &\necho $$ >>'${pids}'\necho $! >>'${pids}'\nwait\n`;

function programs(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

// The first on the PATH wins, as in a shell.
function link(from: string, to: string): void {
	try {
		symlinkSync(from, to);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
			throw error;
		}
	}
}

function lines(file: string): string[] {
	try {
		return readFileSync(file, 'utf8').split('\n').filter(Boolean);
	} catch {
		return [];
	}
}

// One that has ended and waits to be asked for its exit code is not alive.
function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return process.platform !== 'linux' || !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}
