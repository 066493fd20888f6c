import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard } from '../core/atomic.ts';

/** Runs `action` while no other process of this machine does so for the same folder; `onWait` is told of the other. */
export async function alone<T>(
	folder: string,
	action: () => Promise<T>,
	onWait: (pid: number) => void = () => {},
): Promise<T> {
	guard(folder, () => mkdirSync(folder, { recursive: true }));
	const path = join(folder, '.prepare.lock');
	let isAnnounced = false;
	while (!take(path)) {
		const holder = holderOf(path);
		if (holder !== undefined && !isAlive(holder)) {
			rmSync(path, { force: true });
			continue;
		}
		if (holder !== undefined && !isAnnounced) {
			isAnnounced = true;
			onWait(holder);
		}
		await sleep(100);
	}
	try {
		return await action();
	} finally {
		rmSync(path, { force: true });
	}
}

function take(path: string): boolean {
	return guard(path, () => {
		try {
			writeFileSync(path, `${process.pid}\n`, { flag: 'wx' });
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
				return false;
			}
			throw error;
		}
	});
}

// Undefined while the holder is just writing, or has just left.
function holderOf(path: string): number | undefined {
	try {
		return Number(readFileSync(path, 'utf8')) || undefined;
	} catch {
		return undefined;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
