import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../files/atomic.ts';
import { createExclusive, removeIfPresent } from '../files/exclusive-file.ts';
import { placeBelow } from '../files/inside.ts';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import { type Outcome, settle } from './outcome.ts';
import { overwrite } from './overwrite.ts';
import { lives, markOf, type ProcessMark, thisPlace } from './place.ts';
import { survivorOf } from './process-group.ts';

/** What a lease file says about whoever works at the job. */
export interface LeaseRecord {
	readonly v: 1;
	readonly place: string;
	readonly owner: ProcessMark;
	/** The process of the job itself, which may outlive its owner. */
	readonly child?: ProcessMark;
	readonly attempt: number;
	/** ISO 8601, UTC. */
	readonly time: string;
	/** The owner touches the file more often than every so many seconds, or has lost it. */
	readonly stale: number;
	readonly by?: string;
	/** The name of the submission that its task belongs to. */
	readonly submission?: string;
}

/** Somebody else's lease: alive, or free to be taken. */
export interface Held {
	readonly record: LeaseRecord | undefined;
	/** A process of this machine that lives on although its owner has died. */
	readonly orphan: number | undefined;
}

/** The result of asking for a lease. */
export type Grant =
	| { readonly mine: true; readonly path: string; readonly after: LeaseRecord | undefined }
	| ({ readonly mine: false } & Held);

/** Exclusive files by which runners on one list, on one machine or many, share its jobs. */
export class Leases {
	readonly #folder: string;
	readonly #stale: number;
	readonly #held = new Map<string, string>();
	readonly #owner = markOf(process.pid);
	readonly #isKept: (record: LeaseRecord) => boolean;

	/**
	 * `stale` in seconds: how long a lease of another machine may go untouched. `isKept` says whether an owner that has been
	 * silent for so long is in somebody's hands who knows better, such as a scheduler that has suspended it.
	 */
	constructor(folder: string, stale = 60, isKept: (record: LeaseRecord) => boolean = () => false) {
		this.#folder = folder;
		this.#stale = stale;
		this.#isKept = isKept;
	}

	/** Takes the lease of a job; a dead owner's is taken over, and `after` is what it said. */
	take(key: string, attempt: number): Grant {
		const path = join(this.#folder, key);
		if (this.#create(path, key, attempt)) {
			return { mine: true, path, after: undefined };
		}
		const held = inspect(path);
		if (held !== 'dead') {
			return { mine: false, ...held };
		}
		const record = recordOf(path);
		if (record !== undefined && this.#isKept(record)) {
			return { mine: false, record, orphan: undefined };
		}
		return this.#takeOver(path, key, attempt);
	}

	/** Writes down which process the job is; a lease that has been lost is left alone, the next beat notices it. */
	name(key: string, attempt: number, pid: number | undefined): void {
		const before = this.#held.get(key) ?? '';
		const text = overwrite(join(this.#folder, key), this.#text(attempt, pid), before);
		if (text !== undefined) {
			this.#held.set(key, text);
		}
	}

	/** Gives a lease back without an outcome. */
	release(key: string): void {
		this.#held.delete(key);
		removeIfPresent(join(this.#folder, key));
	}

	/** Ends a job: see `settle`. False where the lease was lost. */
	settle(folder: string, outcome: Outcome): boolean {
		const { key } = outcome;
		const isOurs = settle(join(this.#folder, key), this.#held.get(key) ?? '', folder, outcome);
		this.#held.delete(key);
		return isOurs;
	}

	/** Whether a lease taken here has not been lost. */
	holds(key: string): boolean {
		return this.#held.has(key);
	}

	/** Touches every lease; returns the keys of those that somebody has taken away meanwhile. */
	beat(): string[] {
		const lost: string[] = [];
		for (const [key, text] of this.#held) {
			// By writing, not by naming a time: the clock of the file system counts.
			if (overwrite(join(this.#folder, key), text.trimEnd(), text) === undefined) {
				lost.push(key);
				this.#held.delete(key);
			}
		}
		return lost;
	}

	#create(path: string, key: string, attempt: number): boolean {
		const text = `${this.#text(attempt).padEnd(roomForOutcome)}\n`;
		const isNew = createNew(path, text);
		if (isNew) {
			this.#held.set(key, text);
		}
		return isNew;
	}

	// Only who holds the take-over file may remove a lease, and only after looking again: two takers cannot both win.
	#takeOver(path: string, key: string, attempt: number): Grant {
		const permit = `${path}.takeover`;
		if (!createNew(permit, `${process.pid}\n`)) {
			if (ageOf(permit) > this.#stale) {
				removeIfPresent(permit);
			}
			return { mine: false, record: undefined, orphan: undefined };
		}
		try {
			const after = recordOf(path);
			if (inspect(path) === 'dead') {
				removeIfPresent(path);
				if (this.#create(path, key, Math.max(attempt, (after?.attempt ?? 0) + 1))) {
					return { mine: true, path, after };
				}
			}
			return { mine: false, record: after, orphan: undefined };
		} finally {
			removeIfPresent(permit);
		}
	}

	#text(attempt: number, child?: number): string {
		const record: LeaseRecord = {
			v: 1,
			place: thisPlace(),
			owner: this.#owner,
			...(child === undefined ? {} : { child: markOf(child) }),
			attempt,
			time: new Date().toISOString(),
			stale: this.#stale,
		};
		return JSON.stringify(record);
	}
}

// Nothing that is written over a lease needs more of the disk than the lease has.
const roomForOutcome = 600;

/** Whether the owner of a lease lives, judged by its process where that can be seen and by its heartbeat elsewhere. */
export function inspect(path: string): Held | 'dead' {
	const record = recordOf(path);
	if (record === undefined || record.place !== thisPlace()) {
		// One that says nothing may be about to be filled by its owner.
		return ageOf(path) > (record?.stale ?? 60) ? 'dead' : { record, orphan: undefined };
	}
	if (lives(record.owner)) {
		return { record, orphan: undefined };
	}
	const orphan = record.child === undefined ? undefined : survivorOf(record.child);
	return orphan === undefined ? 'dead' : { record, orphan };
}

/** What a lease file says; undefined where there is none or it is not whole. */
export function recordOf(path: string): LeaseRecord | undefined {
	try {
		const record = JSON.parse(readOr(path, '')) as Partial<LeaseRecord> | null;
		return typeof record?.place === 'string' && typeof record.owner?.pid === 'number'
			? (record as LeaseRecord)
			: undefined;
	} catch {
		return undefined;
	}
}

/** Seconds since a file was touched, by the clock of its file system: a file made now is the measure. */
export function ageOf(path: string): number {
	try {
		return (clockOf(path) - statSync(path).mtimeMs) / 1000;
	} catch {
		return 0;
	}
}

function clockOf(path: string): number {
	const probe = `${path}.clock.${process.pid}`;
	removeIfPresent(probe);
	const file = openSync(probe, 'wx');
	try {
		writeSync(file, '\n');
		return statSync(probe).mtimeMs;
	} finally {
		closeSync(file);
		removeIfPresent(probe);
	}
}

// Whole or not at all: an empty file would have to be respected until it is stale.
function createNew(path: string, text: string): boolean {
	return guard(path, () => createExclusive(path, text, `${process.pid}.${Date.now()}`, false));
}

function readOr(path: string, otherwise: string): string {
	try {
		return readTextInside(...placeBelow(path), limits.note) ?? otherwise;
	} catch {
		return otherwise;
	}
}
