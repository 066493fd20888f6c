import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../core/errors.ts';

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
	/** `slurm 12_3` and the like; absent for a local attempt. */
	readonly by?: string;
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
	return stopped ?? (code === exitCodes.again ? 'again' : 'failed');
}

/** The last outcome of a job, or undefined; a file that a power cut has spoilt counts as none, and the job runs again. */
export function readEnded(folder: string, key: string): Outcome | undefined {
	try {
		const outcome = JSON.parse(readFileSync(join(folder, `${key}.json`), 'utf8')) as Partial<Outcome> | null;
		return typeof outcome?.state === 'string' && typeof outcome.attempt === 'number' ? (outcome as Outcome) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}
		throw error;
	}
}

/** Ends a job: its lease becomes its outcome in one rename, so that nobody can find it both free and without outcome. */
export function settle(lease: string, folder: string, outcome: Outcome): void {
	writeFileSync(lease, `${JSON.stringify(outcome)}\n`);
	renameSync(lease, join(folder, `${outcome.key}.json`));
}
