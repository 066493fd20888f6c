import { readRecord } from '../run/layouts.ts';
import { readLease } from '../run/lease-file.ts';
import type { Status } from '../run/status.ts';
import type { History } from './history.ts';

/** How far a run has come: completed epochs and steps. */
export interface Reached {
	readonly epoch: number;
	readonly step: number;
}

/**
 * How far a run has come. Its status says it when a session begins and when it ends; in between the last row of its history
 * does, and its sign of life. Never throws.
 */
export function reachedBy(run: string, status: Status | undefined, history: History | undefined): Reached {
	const recorded = { epoch: status?.epoch ?? 0, step: status?.step ?? 0 };
	if (status?.state !== 'running') {
		return recorded;
	}
	return [lastRow(history), lastBeat(run)].reduce<Reached>(
		(best, one) => (one !== undefined && one.step > best.step ? one : best),
		recorded,
	);
}

// The row of an epoch is written at its end.
function lastRow(history: History | undefined): Reached | undefined {
	if (history === undefined) {
		return undefined;
	}
	const [[epoch = Number.NaN] = [], [step = Number.NaN] = []] = history.sample(['epoch', 'step'], [history.length - 1]);
	return isCount(epoch) && isCount(step) ? { epoch: epoch + 1, step } : undefined;
}

// One that an earlier session has left says nothing of this one.
function lastBeat(run: string): Reached | undefined {
	try {
		const beat = readRecord(run, 'heartbeat');
		return beat !== undefined && beat.pid === readLease(run)?.record?.pid ? beat : undefined;
	} catch {
		return undefined;
	}
}

function isCount(value: number): boolean {
	return Number.isSafeInteger(value) && value >= 0;
}
