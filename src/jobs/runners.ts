import { readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../files/atomic.ts';
import { placeBelow } from '../files/inside.ts';
import { writeInside } from '../files/writing.ts';
import { inspect, type LeaseRecord, recordOf } from './lease.ts';
import { overwrite } from './overwrite.ts';
import { markOf, thisPlace } from './place.ts';

interface RunnerRecord extends LeaseRecord {
	/** See `Runners.since`. */
	readonly since?: number | undefined;
}

/**
 * The runners at work on one list, each with a file that says since when.
 *
 * Runners whose times overlap share one round: what one of them has seen fail, another that began a moment later must not
 * take for a failure of an earlier round, to be repeated.
 */
export class Runners {
	readonly #path: string;
	/**
	 * When the round began: the earliest beginning of the runners at work. In milliseconds of the clock of their file system,
	 * since those of their machines may differ.
	 */
	readonly since: number;
	#text = '';

	/** Joins the runners at work; files of dead ones are removed. `stale` as for a lease, in seconds. */
	constructor(folder: string, stale = 60) {
		makeFolder(folder);
		this.#path = join(folder, `${hostname()}.${process.pid}`);
		this.#write(undefined, stale);
		this.since = Math.min(statSync(this.#path).mtimeMs, ...this.#others(folder));
		// Whoever joins after the first has left still belongs to the same round.
		this.#write(this.since, stale);
	}

	/** Keeps the file young, for runners on other machines. */
	beat(): void {
		overwrite(this.#path, this.#text.trimEnd(), this.#text);
	}

	leave(): void {
		rmSync(this.#path, { force: true });
	}

	#write(since: number | undefined, stale: number): void {
		const time = new Date().toISOString();
		const owner = markOf(process.pid);
		const record: RunnerRecord = { v: 1, place: thisPlace(), owner, attempt: 1, time, since, stale };
		this.#text = `${JSON.stringify(record)}\n`;
		writeInside(...placeBelow(this.#path), this.#text);
	}

	#others(folder: string): number[] {
		const times: number[] = [];
		for (const name of readdirSync(folder)) {
			const path = join(folder, name);
			if (path === this.#path) {
				continue;
			}
			if (inspect(path) === 'dead') {
				rmSync(path, { force: true });
			} else {
				// One that has only just begun says nothing yet.
				times.push((recordOf(path) as RunnerRecord | undefined)?.since ?? touchedAt(path));
			}
		}
		return times;
	}
}

function touchedAt(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
}
