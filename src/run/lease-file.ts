import { createHash } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { RefusedError } from '../core/errors.ts';
import { parseJson } from '../files/json.ts';
import { limits } from '../files/limits.ts';
import { readAt, withFile } from '../files/reading.ts';
import { runPath } from './paths.ts';

/** What `run.lock` must hold. */
export const leaseRecord = z.object({
	schema: z.literal('gimlet.lease/1'),
	/** A part of the names of files. */
	token: z.string().regex(/^[\w-]{1,64}$/u),
	host: z.string(),
	pid: z.number().int(),
	boot_id: z.string(),
	pid_namespace: z.string(),
	process_start: z.string(),
	job_id: z.string(),
	/** ISO time with offset at which the lease was taken. */
	since: z.string(),
});

/** The contents of `run.lock`: who writes into this folder. */
export type LeaseRecord = z.infer<typeof leaseRecord>;

/** A lease as found: `record` is missing where the file cannot be understood. */
export interface FoundLease {
	readonly token: string;
	readonly record: LeaseRecord | undefined;
	/** Milliseconds since 1970 by the clock of the file system. */
	readonly modified: number;
}

/** The path of the claim that ends the lease `token`: whoever creates it is the next owner. */
export function claimPath(folder: string, token: string): string {
	return `${runPath(folder, 'lock')}.after-${token}`;
}

/** The lease in `run.lock`, or undefined where nobody holds one. */
export function readLease(folder: string): FoundLease | undefined {
	return readLeaseAt(runPath(folder, 'lock'));
}

/** The lease in force and all before it, oldest first: `run.lock`, the claim on it, the claim on that … */
export function readChain(folder: string): FoundLease[] {
	const chain: FoundLease[] = [];
	for (let lease = readLease(folder); lease !== undefined; lease = readLeaseAt(claimPath(folder, lease.token))) {
		if (chain.some(({ token }) => token === lease?.token)) {
			throw new RefusedError('run.lock', `${runPath(folder, 'lock')}: the claims on it follow each other in a circle.`);
		}
		chain.push(lease);
	}
	return chain;
}

/** `pid 4711 on node7 (job 12_3), since 2026-11-21T…`. */
export function describeOwner(record: LeaseRecord | undefined): string {
	if (record === undefined) {
		return 'an owner whose lock cannot be read';
	}
	const job = record.job_id === '' ? '' : ` (job ${record.job_id})`;
	return `pid ${record.pid} on ${record.host}${job}, since ${record.since}`;
}

/** The lease in a file of its own; undefined where there is no such file. */
export function readLeaseAt(path: string): FoundLease | undefined {
	return withFile(dirname(path), basename(path), (file, size) => {
		const text = readAt(file, 0, Math.min(size, limits.note)).toString('utf8');
		const { mtimeMs, ino } = fstatSync(file);
		const record = parse(text, path);
		const token = record?.token ?? createHash('sha256').update(`${ino} ${text}`).digest('hex').slice(0, 32);
		return { token, record, modified: mtimeMs };
	});
}

function parse(text: string, path: string): LeaseRecord | undefined {
	try {
		return leaseRecord.safeParse(parseJson(text, path)).data;
	} catch {
		return undefined;
	}
}
