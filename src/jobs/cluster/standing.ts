import { join } from 'node:path';
import type { StateFolder } from '../folder.ts';
import { namesIn } from '../history.ts';
import { inspect } from '../lease.ts';
import type { Job } from '../list.ts';
import { type Outcome, readEnded } from '../outcome.ts';
import type { Scheduler, TaskReport } from './scheduler.ts';
import { isActive, readSubmissions, type StoredSubmission, submissionOf, taskOf } from './submission.ts';

/** Where a job stands, from its files and, if it was submitted, from the scheduler. */
export type Standing =
	| 'ok'
	| 'running'
	| 'queued'
	| 'failed'
	| 'timeout'
	| 'again'
	| 'preempted'
	| 'interrupted'
	| 'lost'
	| 'cancelled'
	| 'not run';

export interface JobStanding {
	readonly job: Job;
	/** Number in the list, from 1. */
	readonly number: number;
	readonly standing: Standing;
	/** More about it, for a person: where it runs, what it waits for, why it failed. */
	readonly detail: string;
	readonly outcome: Outcome | undefined;
	/** `12_3`, where it was submitted. */
	readonly task: string | undefined;
}

/** The standings in which a job deserves another go without being asked about: it was stopped, it did not fail. */
export const resubmittable: ReadonlySet<Standing> = new Set(['again', 'preempted', 'interrupted', 'lost']);

/** The standings of jobs that have failed. */
export const failedStandings: ReadonlySet<Standing> = new Set(['failed', 'timeout']);

/** Where every job of a list stands. */
export function standings(
	jobs: readonly Job[],
	folder: StateFolder,
	schedulers: Readonly<Record<string, Scheduler>>,
): JobStanding[] {
	const submissions = readSubmissions(folder.submissions);
	const { found, silent } = askAll(submissions, schedulers);
	const ended = new Set(namesIn(folder.ended));
	const leased = new Set(namesIn(folder.leases));
	return jobs.map((job, index) => {
		const outcome = ended.has(`${job.key}.json`) ? readEnded(folder.ended, job.key) : undefined;
		const lease = leased.has(job.key) ? inspect(join(folder.leases, job.key)) : undefined;
		const submission = submissionOf(submissions, job.key);
		const task = submission === undefined ? undefined : taskOf(submission, job.key);
		const isSilent = task !== undefined && silent.has(submission!.scheduler);
		const report = isSilent ? unknown : found.get(`${submission?.scheduler} ${task}`);
		const hasBegun = submission !== undefined && taskHasBegun(submission, task, folder.ended, ended);
		const facts = { outcome, lease, submission, report, hasBegun, key: job.key };
		return { job, number: index + 1, ...judge(facts), outcome, task };
	});
}

const unknown: TaskReport = { state: 'unknown', reason: 'the scheduler cannot be asked here' };

interface Facts {
	readonly key: string;
	readonly outcome: Outcome | undefined;
	readonly lease: ReturnType<typeof inspect> | undefined;
	readonly submission: StoredSubmission | undefined;
	readonly report: TaskReport | undefined;
	/** Whether its task has come to some line. */
	readonly hasBegun: boolean;
}

interface Verdict {
	readonly standing: Standing;
	readonly detail: string;
}

function judge({ key, outcome, lease, submission, report, hasBegun }: Facts): Verdict {
	if (outcome?.state === 'ok') {
		return { standing: 'ok', detail: '' };
	}
	if (lease !== undefined && lease !== 'dead' && report?.state !== 'queued') {
		const { record, orphan } = lease;
		const where = record === undefined ? '' : (record.by ?? `process ${record.owner.pid}`);
		return { standing: 'running', detail: orphan === undefined ? where : `process ${orphan}, its runner died` };
	}
	if (isActive(report)) {
		const detail = report!.state === 'running' ? 'its task runs' : report!.reason;
		return { standing: 'queued', detail };
	}
	if (submission?.cancelled.includes(key)) {
		return { standing: 'cancelled', detail: '' };
	}
	// An outcome older than the submission says nothing about that.
	if (submission !== undefined && (outcome === undefined || outcome.end < submission.time)) {
		return afterTask(report, hasBegun && lease === undefined);
	}
	if (outcome !== undefined) {
		return afterOutcome(outcome, report);
	}
	return lease === 'dead' ? { standing: 'lost', detail: 'its runner died' } : { standing: 'not run', detail: '' };
}

function afterOutcome({ state, code, signal }: Outcome, report: TaskReport | undefined): Verdict {
	if (state === 'failed') {
		return { standing: 'failed', detail: signal ?? `exit ${code}` };
	}
	if (report?.state === 'cancelled' && state === 'again') {
		return { standing: 'cancelled', detail: 'it has saved its state' };
	}
	if (state === 'interrupted' && report !== undefined && report.state !== 'completed' && report.state !== 'failed') {
		return afterTask(report, false);
	}
	return { standing: state, detail: state === 'again' ? 'saved its state' : '' };
}

// `isSkipped`: its task has ended others of its lines, but not come to this one.
function afterTask(report: TaskReport | undefined, isSkipped: boolean): Verdict {
	switch (report?.state) {
		case 'unknown':
			return { standing: 'queued', detail: report.reason };
		case 'timeout':
			return { standing: 'timeout', detail: 'at the time limit, without saving its state' };
		case 'preempted':
			return { standing: 'preempted', detail: '' };
		case 'cancelled':
			return { standing: 'cancelled', detail: report.reason };
		case 'node_failed':
			return { standing: 'lost', detail: 'its node failed' };
		case 'unstarted':
			return { standing: 'failed', detail: 'the node could not start it: can it write to the folder of the logs?' };
		case 'completed':
		case 'failed':
			return isSkipped
				? { standing: 'interrupted', detail: 'its task ended before its turn' }
				: { standing: 'failed', detail: withoutOutcome(report) };
		default:
			return { standing: 'lost', detail: report === undefined ? 'the scheduler does not know it' : report.reason };
	}
}

function withoutOutcome({ state, reason }: TaskReport): string {
	const why = reason === '' || reason === 'NonZeroExitCode' ? 'see the log of its task' : reason;
	return state === 'completed'
		? 'its task ended well, but left no outcome: is the folder of the list the same on the node?'
		: `its task failed and left no outcome: ${why}`;
}

// The lines of a task are run one after the other.
function taskHasBegun(
	submission: StoredSubmission,
	task: string | undefined,
	folder: string,
	ended: ReadonlySet<string>,
): boolean {
	return (
		submission.perTask > 1 &&
		submission.keys.some((key) => {
			const outcome = ended.has(`${key}.json`) && taskOf(submission, key) === task ? readEnded(folder, key) : undefined;
			return outcome !== undefined && outcome.end >= submission.time;
		})
	);
}

function askAll(
	submissions: readonly StoredSubmission[],
	schedulers: Readonly<Record<string, Scheduler>>,
): { readonly found: Map<string, TaskReport>; readonly silent: ReadonlySet<string> } {
	const found = new Map<string, TaskReport>();
	const silent = new Set<string>();
	for (const [name, scheduler] of Object.entries(schedulers)) {
		const ids = submissions
			.filter((submission) => submission.scheduler === name)
			.flatMap(({ arrays }) => arrays.map(({ id }) => id));
		const reports = ids.length === 0 ? new Map<string, TaskReport>() : scheduler.report(ids);
		for (const [task, report] of reports ?? []) {
			found.set(`${name} ${task}`, report);
		}
		if (reports === undefined) {
			silent.add(name);
		}
	}
	return { found, silent };
}
