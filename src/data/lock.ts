import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard, makeFolder } from '../files/atomic.ts';

/**
 * Runs `action` while nobody else does so for the same folder; `onWait` is told of the process waited for, once.
 *
 * Everyone announces himself with a file of a name never used again, then looks for others: of any two, at least the
 * one who looks later sees the other. He who sees nobody alive goes ahead; of those who see each other only the first by
 * name stays, the rest withdraw and try again. A dead process's file is in nobody's way, so there is no lock to be
 * taken over and nothing to race for; whoever sees it removes it.
 */
export async function alone<T>(
	folder: string,
	action: () => Promise<T>,
	onWait: (pid: number) => void = () => {},
): Promise<T> {
	const name = await announced(folder, onWait);
	const beat = setInterval(() => isPresent(folder, name), beatSeconds * 1000).unref();
	try {
		return await action();
	} finally {
		clearInterval(beat);
		withdraw(folder, name);
	}
}

/** A holder gives a sign of life this often, and is dead after `staleSeconds` without one. */
const beatSeconds = 5;
const staleSeconds = 60;
const pattern = /^\.prepare\.(.+)\.(\d+)\.([0-9a-f]{16})\.lock$/u;
const host = hostname().replace(/[^a-z0-9-]/giu, '_');
// Names announced by this process: a file that bears its pid but none of these is of an earlier one.
const own = new Set<string>();

async function announced(folder: string, onWait: (pid: number) => void): Promise<string> {
	let isWaiting = false;
	let name = announce(folder);
	for (;;) {
		name = isPresent(folder, name) ? name : announce(folder);
		const others = livingOthers(folder, name);
		if (others.length === 0) {
			return name;
		}
		if (!isWaiting) {
			isWaiting = true;
			onWait(Number(pattern.exec(others[0]!)![2]));
		}
		const isFirst = others.every((other) => name < other);
		if (!isFirst) {
			withdraw(folder, name);
		}
		await sleep(50 + Math.random() * 100);
	}
}

function announce(folder: string): string {
	const name = `.prepare.${host}.${process.pid}.${randomBytes(8).toString('hex')}.lock`;
	own.add(name);
	guard(folder, () => {
		// One who failed may just have removed the folder, empty as it was.
		makeFolder(folder);
		writeFileSync(join(folder, name), '', { flag: 'wx' });
	});
	return name;
}

function withdraw(folder: string, name: string): void {
	rmSync(join(folder, name), { force: true });
	own.delete(name);
}

function livingOthers(folder: string, name: string): string[] {
	// By the clock of the file system, which all who share the folder share too.
	const now = modified(folder, name) ?? Date.now();
	return readdirSync(folder).filter((other) => {
		if (other === name || !pattern.test(other)) {
			return false;
		}
		const since = modified(folder, other);
		if (since === undefined) {
			return false;
		}
		if (isDead(other) || now - since > staleSeconds * 1000) {
			rmSync(join(folder, other), { force: true });
			return false;
		}
		return true;
	});
}

// Undefined when it has just been removed.
function modified(folder: string, name: string): number | undefined {
	return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
}

// Gives a sign of life; false when the file is gone: withdrawn, or taken for dead while this machine slept.
function isPresent(folder: string, name: string): boolean {
	try {
		writeFileSync(join(folder, name), '.', { flag: 'r+' });
		return true;
	} catch {
		own.delete(name);
		return false;
	}
}

function isDead(name: string): boolean {
	const [, where, pid] = pattern.exec(name)!;
	if (where !== host) {
		return false;
	}
	return Number(pid) === process.pid ? !own.has(name) : !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
