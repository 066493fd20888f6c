import { setTimeout as sleep } from 'node:timers/promises';
import type { StateFolder } from '../folder.ts';
import { Leases } from '../lease.ts';

const name = 'submitting';
const beats = 5_000;

/** What somebody who holds the lock does between long steps. */
export type Beat = () => void;

/**
 * Does what only one at a time may do with a list: hand jobs over, take them back, judge what to hand over again. Waits for
 * whoever does so now; `waiting` is called once then.
 */
export async function withListLock<T>(
	folder: StateFolder,
	waiting: (holder: string) => void,
	action: (beat: Beat) => T | Promise<T>,
): Promise<T> {
	const leases = new Leases(folder.create().path);
	for (let hasSaid = false; ; hasSaid = true) {
		const grant = leases.take(name, 1);
		if (grant.mine) {
			break;
		}
		if (!hasSaid) {
			const { record } = grant;
			waiting(record === undefined ? 'somebody' : `process ${record.owner.pid} on ${record.place.split(' ')[0]}`);
		}
		await sleep(200);
	}
	const timer = setInterval(() => leases.beat(), beats);
	try {
		return await action(() => leases.beat());
	} finally {
		clearInterval(timer);
		if (leases.holds(name)) {
			leases.release(name);
		}
	}
}
