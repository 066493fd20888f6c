import { z } from 'zod';
import { statInside } from '../files/inside.ts';
import { limits } from '../files/limits.ts';
import { readRecordInside } from '../files/reading.ts';
import { removeInside, writeInside, writeJsonInside } from '../files/writing.ts';
import { isoTime } from './iso-time.ts';
import { leaseOwner } from './lease.ts';
import { runFiles } from './paths.ts';
import { whereabouts } from './process-identity.ts';

/** The states a run folder records; `stale` is never recorded but found by looking. */
export const runStates = ['prepared', 'running', 'finished', 'failed', 'interrupted', 'diverged', 'partial'] as const;

export type RunState = (typeof runStates)[number];

/** Whether a run in this state has done all it was asked for: `partial` if a limit says how much that is. */
export function isDone(state: string): boolean {
	return state === 'finished' || state === 'partial';
}

/** What `status.json` must hold. */
export const statusSchema = z.object({
	schema: z.literal('gimlet.status/1'),
	state: z.enum(runStates),
	/** Why the run is in this state, one line; empty where there is nothing to say. */
	reason: z.string(),
	/** Completed epochs. */
	epoch: z.number().int().nonnegative(),
	/** Completed optimizer steps. */
	step: z.number().int().nonnegative(),
	/** ISO times with offset: the folder's creation, the first training, the last change, the end. */
	created: z.string(),
	started: z.string().nullable(),
	updated: z.string(),
	ended: z.string().nullable(),
});

/** The contents of `status.json`. */
export type Status = z.infer<typeof statusSchema>;

/** What `setStatus` may change. */
export type StatusChange = Partial<Pick<Status, 'state' | 'reason' | 'epoch' | 'step'>>;

/** The recorded status; undefined where there is none or it cannot be understood. */
export function readStatus(folder: string): Status | undefined {
	try {
		return readRecordInside(folder, runFiles.status, statusSchema, limits.note);
	} catch {
		return undefined;
	}
}

/** The status of a folder prepared now. */
export function preparedStatus(now: Date = new Date()): Status {
	const time = isoTime(now);
	const schema = 'gimlet.status/1';
	return {
		schema,
		state: 'prepared',
		reason: '',
		epoch: 0,
		step: 0,
		created: time,
		started: null,
		updated: time,
		ended: null,
	};
}

/** Changes the status durably; `finished` also writes the marker FINISHED, last of all, any other state removes it. */
export function setStatus(folder: string, change: StatusChange, now: Date = new Date()): Status {
	const before = readStatus(folder) ?? preparedStatus(now);
	const time = isoTime(now);
	const merged = { ...before, ...change, updated: time };
	const running = merged.state === 'running';
	const status: Status = {
		...merged,
		started: merged.started ?? (running ? time : null),
		ended: running || merged.state === 'prepared' ? null : time,
	};
	if (status.state !== 'finished' && statInside(folder, runFiles.finished) !== undefined) {
		removeInside(folder, runFiles.finished);
	}
	writeJsonInside(folder, runFiles.status, status);
	if (status.state === 'finished') {
		writeInside(folder, runFiles.finished, `${time}\n`);
	}
	return status;
}

/** The state as it is now: a recorded `running` whose process has died, or gives no sign of life, is `stale`. */
export function currentState(folder: string, staleSeconds = 60): RunState | 'stale' | undefined {
	const state = readStatus(folder)?.state;
	if (state !== 'running') {
		return state;
	}
	const owner = leaseOwner(folder, staleSeconds);
	// The sign of life of another machine has been judged, by the clock of the file system; ours may differ.
	const isElsewhere = owner?.record !== undefined && whereabouts(owner.record) === 'elsewhere';
	return owner?.alive && (isElsewhere || secondsSinceBeat(folder) <= staleSeconds) ? 'running' : 'stale';
}

// Without a HEARTBEAT (it may be switched off) the lease alone decides.
function secondsSinceBeat(folder: string): number {
	const beat = statInside(folder, runFiles.heartbeat);
	return beat === undefined ? 0 : (Date.now() - beat.mtimeMs) / 1000;
}
