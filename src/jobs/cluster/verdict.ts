import type { Held } from '../lease.ts';
import { exitText, type Outcome } from '../outcome.ts';
import type { TaskReport } from './scheduler.ts';
import { isActive } from './submission.ts';

/** Where a job stands, from its files and, if it was submitted, from the scheduler. */
export type Standing =
	| 'ok'
	| 'running'
	| 'suspended'
	| 'queued'
	| 'failed'
	| 'timeout'
	| 'again'
	| 'preempted'
	| 'interrupted'
	| 'lost'
	| 'cancelled'
	| 'not run';

export interface Verdict {
	readonly standing: Standing;
	/** More about it, for a person. */
	readonly detail: string;
}

/** What is known about a job whose last task is not in the scheduler's hands any more. */
export interface Facts {
	/** Its last outcome, wherever that was. */
	readonly outcome: Outcome | undefined;
	/** Whether that came after the last submission. */
	readonly isFresh: boolean;
	readonly lease: Held | 'dead' | undefined;
	/** Whether it was submitted, and taken. */
	readonly isSubmitted: boolean;
	/** What the scheduler says of its last task. */
	readonly report: TaskReport | undefined;
	/** Whether the scheduler cannot be asked. */
	readonly isSilent: boolean;
	/** Whether `jobs cancel` has taken it back. */
	readonly isCancelled: boolean;
	/** Whether its task has come to some line. */
	readonly hasBegun: boolean;
}

/**
 * One rule, whichever signal or word came first.
 *
 * 1. What ended well is ok. 2. What somebody living works at runs. 3. What `jobs cancel` has taken back is cancelled.
 * 4. What the scheduler has is queued. 5. Where the attempt was stopped, the scheduler's reason counts, and the attempt's
 * own where that says nothing; where it was not, its exit code counts. 6. Of a job without an attempt the scheduler's word
 * for its task counts, if its line had begun; else its turn never came.
 */
export function judge(facts: Facts): Verdict {
	const { outcome, lease, report, isFresh, isSubmitted } = facts;
	if (outcome?.state === 'ok') {
		return { standing: 'ok', detail: '' };
	}
	if (report?.state === 'suspended') {
		return { standing: 'suspended', detail: 'its task is suspended; it goes on when the scheduler resumes it' };
	}
	if (lease !== undefined && lease !== 'dead' && report?.state !== 'queued') {
		return { standing: 'running', detail: holder(lease) };
	}
	if (facts.isCancelled) {
		return { standing: 'cancelled', detail: outcome !== undefined && isFresh ? ofAttempt(outcome) : '' };
	}
	// A task may go on with other lines after one that has failed.
	const hasFailed = isFresh && outcome?.state === 'failed' && report?.state !== 'queued';
	if (isActive(report) && !hasFailed) {
		return active(report!);
	}
	if (isSubmitted && !(outcome !== undefined && isFresh)) {
		return withoutAttempt(facts);
	}
	if (outcome !== undefined) {
		return afterAttempt(outcome, report);
	}
	return lease === 'dead' ? { standing: 'lost', detail: 'its runner died' } : { standing: 'not run', detail: '' };
}

function holder({ record, orphan }: Held): string {
	const where = record === undefined ? '' : (record.by ?? `process ${record.owner.pid}`);
	return orphan === undefined ? where : `process ${orphan}, its runner died`;
}

function active({ state, reason, blocked }: TaskReport): Verdict {
	if (state === 'queued') {
		return { standing: 'queued', detail: blocked === undefined ? reason : `${blocked} (${reason})` };
	}
	return { standing: 'queued', detail: state === 'ending' ? 'its task is ending' : 'its task runs' };
}

function afterAttempt(outcome: Outcome, report: TaskReport | undefined): Verdict {
	const { state, code, warned = false } = outcome;
	const isStopped = state === 'again' || state === 'interrupted' || (state === 'failed' && (code ?? 137) > 128);
	const why = isStopped ? reasonOf(report) : undefined;
	if (why !== undefined) {
		// What has saved its state at the time limit goes on.
		const standing = why === 'timeout' && state === 'again' ? 'again' : why;
		return { standing, detail: ofAttempt(outcome) };
	}
	if (state === 'interrupted' && warned) {
		return { standing: 'timeout', detail: `warned of its time limit, then stopped: ${exitText(outcome)}` };
	}
	return { standing: state, detail: ofAttempt(outcome) };
}

function ofAttempt(outcome: Outcome): string {
	return outcome.state === 'again' ? 'saved its state' : exitText(outcome);
}

function reasonOf(report: TaskReport | undefined): 'timeout' | 'preempted' | 'cancelled' | 'lost' | undefined {
	const state = report?.state;
	if (state === 'node_failed') {
		return 'lost';
	}
	return state === 'timeout' || state === 'preempted' || state === 'cancelled' ? state : undefined;
}

function withoutAttempt({ report, isSilent, lease, hasBegun }: Facts): Verdict {
	const isOwn = lease === 'dead';
	if (isSilent && report === undefined) {
		return { standing: 'queued', detail: 'the scheduler cannot be asked here' };
	}
	switch (report?.state) {
		case 'unknown':
			return { standing: 'queued', detail: report.reason };
		case 'cancelled':
			return { standing: 'cancelled', detail: report.reason };
		case 'preempted':
			return { standing: 'preempted', detail: '' };
		case 'timeout':
			return isOwn || !hasBegun
				? { standing: 'timeout', detail: 'at the time limit, without saving its state' }
				: { standing: 'interrupted', detail: 'its task came to its time limit before its turn' };
		case 'node_failed':
			return { standing: 'lost', detail: 'its node failed' };
		case 'unstarted':
			return { standing: 'failed', detail: 'the node could not start it: can it write to the folder of the logs?' };
		case 'completed':
		case 'failed':
			return hasBegun && !isOwn
				? { standing: 'interrupted', detail: 'its task ended before its turn' }
				: { standing: 'failed', detail: withoutOutcome(report) };
		default:
			return forgotten(isOwn, hasBegun);
	}
}

function forgotten(isOwn: boolean, hasBegun: boolean): Verdict {
	if (isOwn) {
		return { standing: 'lost', detail: 'it had begun, and the scheduler does not know it any more' };
	}
	return hasBegun
		? { standing: 'interrupted', detail: 'its task ended before its turn' }
		: { standing: 'not run', detail: 'the scheduler does not know its task any more, which never began' };
}

function withoutOutcome({ state, reason }: TaskReport): string {
	const why = reason === '' || reason === 'NonZeroExitCode' ? 'see the log of its task' : reason;
	return state === 'completed'
		? 'its task ended well, but left no outcome: is the folder of the list the same on the node?'
		: `its task failed and left no outcome: ${why}`;
}
