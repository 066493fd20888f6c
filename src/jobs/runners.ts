import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../files/atomic.ts';
import { placeBelow } from '../files/inside.ts';
import { writeInside } from '../files/writing.ts';
import { inspect, type LeaseRecord, recordOf } from './lease.ts';
import { markOf, thisPlace } from './place.ts';

/**
 * The runners at work on one list, each with a file that says since when.
 *
 * Runners whose times overlap share one round: what one of them has seen fail, another that began a moment later must not
 * take for a failure of an earlier round, to be repeated.
 */
export class Runners {
	readonly #path: string;
	/** When the round began, ISO 8601, UTC: the earliest beginning of the runners at work. */
	readonly since: string;

	/** Joins the runners at work; files of dead ones are removed. `stale` as for a lease, in seconds. */
	constructor(folder: string, stale = 60) {
		makeFolder(folder);
		this.#path = join(folder, `${hostname()}.${process.pid}`);
		const began = new Date().toISOString();
		this.#write(began, stale);
		this.since = [began, ...this.#others(folder)].sort()[0]!;
		// Whoever joins after the first has left still belongs to the same round.
		this.#write(this.since, stale);
	}

	/** Keeps the file young, for runners on other machines. */
	beat(): void {
		utimesSync(this.#path, new Date(), new Date());
	}

	leave(): void {
		rmSync(this.#path, { force: true });
	}

	#write(time: string, stale: number): void {
		const record: LeaseRecord = { v: 1, place: thisPlace(), owner: markOf(process.pid), attempt: 1, time, stale };
		writeInside(...placeBelow(this.#path), `${JSON.stringify(record)}\n`);
	}

	#others(folder: string): string[] {
		const times: string[] = [];
		for (const name of readdirSync(folder)) {
			const path = join(folder, name);
			if (path !== this.#path && inspect(path) === 'dead') {
				rmSync(path, { force: true });
			} else {
				const time = recordOf(path)?.time;
				if (time !== undefined) {
					times.push(time);
				}
			}
		}
		return times;
	}
}
