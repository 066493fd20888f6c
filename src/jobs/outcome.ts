import { renameSync, statSync } from 'node:fs';
import { constants, hostname } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '../core/errors.ts';
import { guard } from '../files/atomic.ts';
import { placeBelow } from '../files/inside.ts';
import { limits } from '../files/limits.ts';
import { readTextInside } from '../files/reading.ts';
import type { Job } from './list.ts';
import { overwrite } from './overwrite.ts';

/**
 * How an attempt ended: `ok`; `failed` (its own exit code or a signal); `timeout`; `again` (exit 75: it saved its
 * state and wants to be run again); `interrupted` (whoever ran it was told to stop); `lost` (whoever ran it died).
 */
export type OutcomeState = 'ok' | 'failed' | 'timeout' | 'again' | 'interrupted' | 'lost';

/** One attempt at a job, as it stands in the history and, for the last one, in `ended/KEY.json`. */
export interface Outcome {
	readonly v: 1;
	readonly key: string;
	readonly name: string;
	readonly attempt: number;
	readonly state: OutcomeState;
	/** The exit code, or null where a signal ended it. */
	readonly code: number | null;
	readonly signal: string | null;
	/** ISO 8601, UTC. */
	readonly start: string;
	readonly end: string;
	readonly host: string;
	/** `slurm-12_3` and the like; absent for a local attempt. */
	readonly by?: string;
	/** The name of the submission that this task belongs to. */
	readonly submission?: string;
	/** Whether it was warned of its time limit. */
	readonly warned?: boolean;
}

/** How a process ended, and what was done to it before. */
export interface Ending {
	readonly code: number | null;
	readonly signal: string | null;
	/** Why it was stopped, if it was. */
	readonly stopped?: 'timeout' | 'interrupted' | undefined;
}

/** What an ending means for the job. */
export function stateOf({ code, signal, stopped }: Ending): OutcomeState {
	if (code === 0 && signal === null) {
		return 'ok';
	}
	// Told to end, it has saved its state: that is more than having been interrupted.
	return code === exitCodes.again && stopped !== 'timeout' ? 'again' : (stopped ?? 'failed');
}

/** An attempt that began at `start` and has ended now, here. */
export function outcomeNow(
	{ key, name }: Job,
	attempt: number,
	{ code, signal }: Pick<Outcome, 'code' | 'signal'>,
	start: string,
	state: OutcomeState,
): Outcome {
	const end = new Date().toISOString();
	return { v: 1, key, name, attempt, state, code, signal, start, end, host: hostname() };
}

/** `exit 3`, `SIGKILL`, or `exit 137 (SIGKILL)` where a shell has told of the signal. */
export function exitText({ code, signal }: Pick<Outcome, 'code' | 'signal'>): string {
	const name = Object.entries(constants.signals).find(([, number]) => number === (code ?? 0) - 128)?.[0];
	return signal ?? (name === undefined ? `exit ${code}` : `exit ${code} (${name})`);
}

/** How long an attempt took. */
export function secondsOf({ start, end }: Outcome): number {
	return (Date.parse(end) - Date.parse(start)) / 1000;
}

/** The last outcome of a job, or undefined; a file that a power cut has spoilt counts as none, and the job runs again. */
export function readEnded(folder: string, key: string): Outcome | undefined {
	try {
		const text = readTextInside(...placeBelow(join(folder, `${key}.json`)), limits.note) ?? 'null';
		const outcome = JSON.parse(text) as Partial<Outcome> | null;
		return typeof outcome?.state === 'string' && typeof outcome.attempt === 'number' ? (outcome as Outcome) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

/** When a job ended, in milliseconds of the clock of the file system. */
export function endedAt(folder: string, key: string): number {
	return statSync(join(folder, `${key}.json`)).mtimeMs;
}

/**
 * Ends a job: its lease, which holds `before`, becomes its outcome in one rename, so that nobody can find it both free and
 * without outcome. In the lease's own place, also where the disk is full. False where the lease is another's by now.
 */
export function settle(lease: string, before: string, folder: string, outcome: Outcome): boolean {
	const target = join(folder, `${outcome.key}.json`);
	return guard(target, () => {
		const isOurs = overwrite(lease, JSON.stringify(outcome), before) !== undefined;
		if (isOurs) {
			renameSync(lease, target);
		}
		return isOurs;
	});
}
