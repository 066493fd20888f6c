import { join } from 'node:path';
import type { StateFolder } from '../folder.ts';
import { namesIn } from '../history.ts';
import { type Held, inspect, type LeaseRecord, recordOf } from '../lease.ts';
import type { Job } from '../list.ts';
import { type Outcome, readEnded } from '../outcome.ts';
import { Inquiry, type Schedulers } from './inquiry.ts';
import type { TaskReport } from './scheduler.ts';
import {
	arrayOf,
	hasJob,
	isActive,
	isAfter,
	readSubmissions,
	type StoredSubmission,
	siblingsOf,
	taskOf,
} from './submission.ts';
import { judge, type Standing, type Verdict } from './verdict.ts';

export type { Standing } from './verdict.ts';

/** A task that a scheduler still has. */
export interface ActiveTask {
	readonly submission: StoredSubmission;
	readonly task: string;
	/** Whether nothing but its end is to come. */
	readonly isEnding: boolean;
}

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
	/** Whether it will not begin until somebody does something. */
	readonly isBlocked: boolean;
	/** Every task with this job that a scheduler still has. */
	readonly active: readonly ActiveTask[];
	/** The newest submission that has it. */
	readonly submission: StoredSubmission | undefined;
}

/** A job that a scheduler still has, though its line has gone from the list. */
export interface Stray extends ActiveTask {
	readonly key: string;
}

/** Where a list stands. */
export interface Survey {
	readonly standings: readonly JobStanding[];
	readonly strays: readonly Stray[];
	/** The submissions, with what has been found out about them. */
	readonly submissions: readonly StoredSubmission[];
}

/** The standings in which a job deserves another go without being asked about: it was stopped, it did not fail. */
export const resubmittable: ReadonlySet<Standing> = new Set(['again', 'preempted', 'interrupted', 'lost']);

/** The standings of jobs that have failed. */
export const failedStandings: ReadonlySet<Standing> = new Set(['failed', 'timeout']);

/** The standings of jobs that nobody needs to start. */
export const takenStandings: ReadonlySet<Standing> = new Set(['ok', 'running', 'suspended', 'queued']);

/** Where every job of a list stands. */
export function standings(jobs: readonly Job[], folder: StateFolder, schedulers: Schedulers): readonly JobStanding[] {
	return survey(jobs, folder, schedulers).standings;
}

/** The same, with what else the schedulers have of this list. */
export function survey(jobs: readonly Job[], folder: StateFolder, schedulers: Schedulers): Survey {
	const stored = readSubmissions(folder.submissions);
	const files = new Files(folder, [...new Set([...jobs.map(({ key }) => key), ...stored.flatMap(({ keys }) => keys)])]);
	const matters = ({ keys }: StoredSubmission): boolean => keys.some((key) => files.outcomes.get(key)?.state !== 'ok');
	const inquiry = new Inquiry(stored, schedulers, matters, files);
	const { submissions } = inquiry;
	const listed = new Set(jobs.map(({ key }) => key));
	return {
		submissions,
		standings: jobs.map((job, index) => standingOf(job, index + 1, inquiry, files)),
		strays: submissions.flatMap((submission) =>
			submission.keys.flatMap((key) =>
				listed.has(key) || files.outcomes.get(key)?.state === 'ok'
					? []
					: activeTasks(inquiry, submission, key).map((task) => ({ key, ...task })),
			),
		),
	};
}

class Files {
	readonly outcomes: ReadonlyMap<string, Outcome>;
	readonly leases: ReadonlyMap<string, LeaseRecord>;
	readonly #held: ReadonlyMap<string, Held | 'dead'>;

	constructor(folder: StateFolder, keys: readonly string[]) {
		const ended = new Set(namesIn(folder.ended));
		const leased = new Set(namesIn(folder.leases));
		this.outcomes = mapped(keys, (key) => (ended.has(`${key}.json`) ? readEnded(folder.ended, key) : undefined));
		this.#held = mapped(keys, (key) => (leased.has(key) ? inspect(join(folder.leases, key)) : undefined));
		this.leases = mapped(keys, (key) => (leased.has(key) ? recordOf(join(folder.leases, key)) : undefined));
	}

	heldOf(key: string): Held | 'dead' | undefined {
		return this.#held.get(key);
	}
}

function mapped<T>(keys: readonly string[], find: (key: string) => T | undefined): Map<string, T> {
	return new Map(
		keys.flatMap((key) => {
			const value = find(key);
			return value === undefined ? [] : [[key, value] as const];
		}),
	);
}

function standingOf(job: Job, number: number, inquiry: Inquiry, files: Files): JobStanding {
	const { key } = job;
	const own = inquiry.submissions.filter((submission) => hasJob(submission, key));
	const active = own.flatMap((one) => activeTasks(inquiry, one, key));
	// What was refused changes nothing about a job but what is said of it.
	const submission = active.at(-1)?.submission ?? own.findLast((one) => arrayOf(one, key)?.refusal === undefined);
	const outcome = files.outcomes.get(key);
	const task = submission === undefined ? undefined : taskOf(submission, key);
	const report = submission === undefined || task === undefined ? undefined : inquiry.reportOf(submission, task);
	const common = { job, number, outcome, task, active, submission };
	if (submission !== undefined && task === undefined && outcome?.state !== 'ok') {
		const detail = 'handed over, but the scheduler has not said whether it took it';
		return { ...common, standing: 'queued', detail, isBlocked: true };
	}
	const verdict = judge({
		outcome,
		isFresh: outcome !== undefined && submission !== undefined && isAfter(outcome, submission),
		lease: leaseOf(files.heldOf(key), report, `${submission?.scheduler}-${task}`),
		isSubmitted: submission !== undefined,
		report,
		isSilent: submission !== undefined && inquiry.isSilent(submission),
		isCancelled: submission?.cancelled.includes(key) ?? false,
		hasBegun: submission !== undefined && hasBegun(submission, key, files),
	});
	return { ...common, ...withRefusal(verdict, own.at(-1), key), isBlocked: blockedBy(verdict, report) };
}

// Of a task that the scheduler calls ended no process is left, though its heartbeat is young; after the loss of a node one may be.
function leaseOf(
	held: Held | 'dead' | undefined,
	report: TaskReport | undefined,
	by: string,
): Held | 'dead' | undefined {
	const isOver = report !== undefined && ended.has(report.state);
	return isOver && held !== undefined && held !== 'dead' && held.record?.by === by ? 'dead' : held;
}

const ended: ReadonlySet<TaskReport['state']> = new Set(['cancelled', 'timeout', 'completed', 'failed']);

function activeTasks(inquiry: Inquiry, submission: StoredSubmission, key: string): ActiveTask[] {
	const task = taskOf(submission, key);
	const report = task === undefined ? undefined : inquiry.presentOf(submission, task);
	return isActive(report) ? [{ submission, task: task!, isEnding: report!.state === 'ending' }] : [];
}

function withRefusal(verdict: Verdict, last: StoredSubmission | undefined, key: string): Verdict {
	const refusal = last === undefined ? undefined : arrayOf(last, key)?.refusal;
	return refusal === undefined || verdict.standing === 'ok'
		? verdict
		: { ...verdict, detail: [verdict.detail, `not taken: ${refusal}`].filter((text) => text !== '').join('; ') };
}

function blockedBy({ standing }: Verdict, report: TaskReport | undefined): boolean {
	return standing === 'queued' && (report?.blocked !== undefined || report?.state === 'unknown');
}

// The lines of a task are run one after the other.
function hasBegun(submission: StoredSubmission, key: string, files: Files): boolean {
	return siblingsOf(submission, key).some((sibling) => {
		const outcome = files.outcomes.get(sibling);
		const lease = files.leases.get(sibling);
		return (outcome !== undefined && isAfter(outcome, submission)) || lease !== undefined;
	});
}
