import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '../core/errors.ts';
import { explain, guard } from '../files/atomic.ts';
import { createExclusive, removeIfPresent, writeNew } from '../files/exclusive-file.ts';
import { namesInside, statInside } from '../files/inside.ts';
import { fileClock } from './file-clock.ts';
import { isoTime } from './iso-time.ts';
import {
	claimPath,
	describeOwner,
	type FoundLease,
	type LeaseRecord,
	readChain,
	readLease,
	readLeaseAt,
} from './lease-file.ts';
import { runFiles, runPath } from './paths.ts';
import { ownIdentity, whereabouts } from './process-identity.ts';

/** How a lease is asked for. */
export interface LeaseOptions {
	/** Takes the folder from an owner that still lives or cannot be judged. */
	readonly steal?: boolean;
	/** An owner on another host is dead when its HEARTBEAT is older; seconds, default 60. */
	readonly staleSeconds?: number;
}

/** The right to write into one run folder, held by at most one process. */
export interface Lease {
	readonly record: LeaseRecord;
	/** One line about the earlier owner where the lease was taken over. */
	readonly notice: string | undefined;
	/** Throws a RefusedError if another process has taken over: call it right before every durable write. */
	check(): void;
	/** Gives the folder free, if the lease is still ours. */
	release(): void;
}

/**
 * Becomes the one writer of an existing folder, or throws a RefusedError that names the present one.
 *
 * `run.lock` is created exclusively. A lease is ended by creating, exclusively too, a claim named after its token; so of
 * many processes that see the same dead owner exactly one follows it, and a crash half-way leaves a chain that reads
 * the same for everyone.
 */
export function acquireLease(folder: string, options: LeaseOptions = {}): Lease {
	const record: LeaseRecord = {
		schema: 'gimlet.lease/1',
		token: newToken(),
		...ownIdentity(),
		since: isoTime(),
	};
	return guard(runPath(folder, 'lock'), () => acquire(folder, record, options));
}

function acquire(folder: string, record: LeaseRecord, options: LeaseOptions): Lease {
	let stolen: string | undefined;
	for (;;) {
		if (createExclusive(runPath(folder, 'lock'), serialise(record), record.token)) {
			return leaseOf(folder, record, undefined);
		}
		const chain = readChain(folder);
		const owner = chain.at(-1);
		if (owner === undefined) {
			continue;
		}
		const verdict = judge(folder, owner, options);
		const maySteal = options.steal === true && (stolen ?? owner.token) === owner.token;
		if (verdict.alive && !maySteal) {
			throw inUse(folder, owner, verdict.why);
		}
		stolen ??= verdict.alive ? owner.token : undefined;
		if (follow(folder, chain, record)) {
			const how = verdict.alive ? 'took the run from' : 'took over the run of';
			return leaseOf(folder, record, `${folder}: ${how} ${describeOwner(owner.record)} (${verdict.why})`);
		}
	}
}

/** Who writes into the folder now, and whether that process still lives; undefined where nobody does. */
export function leaseOwner(
	folder: string,
	staleSeconds = defaultStaleSeconds,
): { record: LeaseRecord | undefined; alive: boolean; why: string } | undefined {
	const owner = readChain(folder).at(-1);
	return owner === undefined ? undefined : { record: owner.record, ...judge(folder, owner, { staleSeconds }) };
}

const defaultStaleSeconds = 60;
// A lock that cannot be read may be one being written, on a file system without hard links.
const unreadableGraceSeconds = 10;

function judge(folder: string, owner: FoundLease, options: LeaseOptions): { alive: boolean; why: string } {
	if (owner.record === undefined) {
		const age = Math.max(0, (fileClock(folder) - owner.modified) / 1000);
		return { alive: age < unreadableGraceSeconds, why: `its run.lock is damaged and ${age.toFixed(0)} s old` };
	}
	const where = whereabouts(owner.record);
	if (where !== 'elsewhere') {
		return { alive: where === 'alive', why: where === 'alive' ? 'it is running' : 'it no longer runs' };
	}
	const limit = options.staleSeconds ?? defaultStaleSeconds;
	const age = secondsSinceSign(folder, owner);
	const why = `its last sign of life is ${age.toFixed(0)} s old, the limit is ${limit} s`;
	return { alive: age <= limit, why };
}

// Both times come from the clock of the file system, so the clocks of two hosts may differ.
function secondsSinceSign(folder: string, owner: FoundLease): number {
	const beat = statInside(folder, runFiles.heartbeat)?.mtimeMs ?? 0;
	return Math.max(0, (fileClock(folder) - Math.max(beat, owner.modified)) / 1000);
}

// Becomes the owner after the last of `chain`; false if another process was quicker.
function follow(folder: string, chain: readonly FoundLease[], record: LeaseRecord): boolean {
	const last = chain.at(-1)!;
	const claim = claimPath(folder, last.token);
	if (!createExclusive(claim, serialise(record), record.token)) {
		return false;
	}
	// Whoever followed before has replaced run.lock before removing its claim: then ours is void.
	if (readLease(folder)?.token !== chain[0]!.token) {
		removeIfPresent(claim);
		return false;
	}
	const temporary = `${runPath(folder, 'lock')}.${record.token}.tmp`;
	writeNew(temporary, serialise(record));
	renameSync(temporary, runPath(folder, 'lock'));
	for (const { token } of chain) {
		removeIfPresent(claimPath(folder, token));
	}
	return true;
}

function leaseOf(folder: string, record: LeaseRecord, notice: string | undefined): Lease {
	removeLeftovers(folder, record.token);
	return { record, notice, check: () => check(folder, record), release: () => releaseOrLeave(folder, record) };
}

function check(folder: string, record: LeaseRecord): void {
	const chain = readChain(folder);
	const owner = chain.at(-1);
	if (owner?.token === record.token) {
		return;
	}
	const now = owner === undefined ? 'its run.lock is gone' : `it now belongs to ${describeOwner(owner.record)}`;
	throw new RefusedError(
		'run.lease_lost',
		`${folder}: this process (pid ${process.pid}) no longer owns the run: ${now}.`,
	);
}

// Where nothing can be written any more the lock stays; it names a process that ends, and is taken over like any such.
function releaseOrLeave(folder: string, record: LeaseRecord): void {
	try {
		release(folder, record);
	} catch (error) {
		if (explain(folder, error) === error) {
			throw error;
		}
		try {
			if (readLease(folder)?.token === record.token) {
				removeIfPresent(runPath(folder, 'lock'));
			}
		} catch {}
	}
}

function release(folder: string, record: LeaseRecord): void {
	const claim = claimPath(folder, record.token);
	// A claim like any other, so that a take-over and a release cannot both succeed.
	const leaving = { ...record, token: newToken() };
	if (readLease(folder)?.token !== record.token || !createExclusive(claim, serialise(leaving), leaving.token)) {
		return;
	}
	if (readLease(folder)?.token === record.token) {
		removeIfPresent(runPath(folder, 'lock'));
	}
	removeIfPresent(claim);
}

// What processes that died between two steps left behind. A young temporary file may belong to one at work, unless it
// names one that is known to be dead.
function removeLeftovers(folder: string, token: string): void {
	// By the clock of the file system, which our own lock has just been dated by.
	const now = statInside(folder, runFiles.lock)?.mtimeMs ?? Date.now();
	for (const name of namesInside(folder)) {
		const path = join(folder, name);
		if (!name.startsWith(`${runFiles.lock}.`) || name.includes(token)) {
			continue;
		}
		const age = now - (statInside(folder, name)?.mtimeMs ?? 0);
		if (age > 60_000 || (name.endsWith('.tmp') && isOfTheDead(path))) {
			removeIfPresent(path);
		}
	}
}

function isOfTheDead(path: string): boolean {
	const record = readLeaseAt(path)?.record;
	return record !== undefined && whereabouts(record) === 'dead';
}

function inUse(folder: string, owner: FoundLease, why: string): RefusedError {
	const steal =
		owner.record === undefined || whereabouts(owner.record) === 'elsewhere' ? ' Use --steal if it is dead.' : '';
	return new RefusedError('run.in_use', `${folder} is in use by ${describeOwner(owner.record)}: ${why}.${steal}`);
}

function newToken(): string {
	return randomBytes(16).toString('hex');
}

function serialise(record: LeaseRecord): string {
	return `${JSON.stringify(record, null, '\t')}\n`;
}
