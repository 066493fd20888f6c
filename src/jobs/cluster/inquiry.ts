import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ageOf, type LeaseRecord } from '../lease.ts';
import { endOf } from '../log-end.ts';
import type { Outcome } from '../outcome.ts';
import { type Known, remember } from './known.ts';
import type { Reports, Scheduler, TaskReport } from './scheduler.ts';
import { handedArrays, isAfter, labelOf, type StoredSubmission, taskLog, taskOf } from './submission.ts';

export type Schedulers = Readonly<Record<string, Scheduler>>;

/** What the files of a list say about who has had its jobs. */
export interface Traces {
	readonly outcomes: ReadonlyMap<string, Outcome>;
	readonly leases: ReadonlyMap<string, LeaseRecord>;
}

/** What is known about the tasks of a list: from the scheduler, from earlier looks, and from what it has written into logs. */
export class Inquiry {
	/** The submissions, with the ids that have been found for arrays that had none. */
	readonly submissions: readonly StoredSubmission[];
	readonly #reports: ReadonlyMap<string, Reports | undefined>;
	readonly #schedulers: Schedulers;
	readonly #known: ReadonlyMap<string, Known>;

	/** Asks every scheduler one question about those submissions that still matter. */
	constructor(
		stored: readonly StoredSubmission[],
		schedulers: Schedulers,
		matters: (submission: StoredSubmission) => boolean,
		traces: Traces,
	) {
		this.#schedulers = schedulers;
		const asked = stored.filter(matters);
		this.#reports = new Map(
			Object.entries(schedulers).map(([name, scheduler]) => [
				name,
				ask(
					scheduler,
					asked.filter((submission) => submission.scheduler === name),
				),
			]),
		);
		this.submissions = stored.map((submission) => this.#identified(submission, traces));
		this.#known = new Map(
			this.submissions.map((submission) => {
				const isAsked = asked.some(({ folder }) => folder === submission.folder);
				const reports = isAsked ? this.#reports.get(submission.scheduler)?.tasks : undefined;
				const news = new Map([...(reports ?? []), ...vanished(submission, reports ?? new Map(), traces)]);
				return [submission.folder, remember(submission, news)];
			}),
		);
	}

	/** Whether a scheduler could not be asked. */
	isSilent(submission: StoredSubmission): boolean {
		return this.#reports.get(submission.scheduler) === undefined;
	}

	/** What the scheduler says of a task now, or has said of it when it was asked before, or has written when it ended it. */
	reportOf(submission: StoredSubmission, task: string): TaskReport | undefined {
		return (
			this.presentOf(submission, task) ??
			this.#known.get(submission.folder)?.[task] ??
			this.#schedulers[submission.scheduler]?.lastWord(endOf(taskLog(submission, task), 1 << 16))
		);
	}

	/** What the scheduler says of a task now. */
	presentOf(submission: StoredSubmission, task: string): TaskReport | undefined {
		return this.#reports.get(submission.scheduler)?.tasks.get(task);
	}

	#identified(submission: StoredSubmission, traces: Traces): StoredSubmission {
		const arrays = submission.arrays.map((array, index) => {
			if (array.id !== undefined || array.refusal !== undefined) {
				return array;
			}
			const reports = this.#reports.get(submission.scheduler);
			const id = reports?.ids.get(labelOf(submission.name, index) ?? '') ?? idIn(traces, submission, index);
			if (id !== undefined) {
				return { ...array, id };
			}
			const isOver = reports !== undefined && ageOf(join(submission.folder, 'submission.json')) > takesAtMost;
			return isOver ? { ...array, refusal: 'the scheduler did not answer, and has not taken it' } : array;
		});
		return { ...submission, arrays };
	}
}

// Of an array whose other tasks are known, one that is not and has left no trace was taken back before it began: Slurm keeps
// no record of such a task.
function vanished(
	submission: StoredSubmission,
	reports: ReadonlyMap<string, TaskReport>,
	{ outcomes, leases }: Traces,
): Map<string, TaskReport> {
	const arrays = new Set([...reports.keys()].map((task) => task.split('_')[0]!));
	const found = new Map<string, TaskReport>();
	for (const key of submission.keys) {
		const task = taskOf(submission, key);
		const isGone = task !== undefined && !reports.has(task) && arrays.has(task.split('_')[0]!);
		const outcome = outcomes.get(key);
		const hasBegun = (outcome !== undefined && isAfter(outcome, submission)) || leases.has(key);
		if (isGone && !hasBegun && !existsSync(taskLog(submission, task))) {
			found.set(task, { state: 'cancelled', reason: 'before it began' });
		}
	}
	return found;
}

// Seconds in which a scheduler that has not answered may still take a script.
const takesAtMost = 120;

function ask(scheduler: Scheduler, submissions: readonly StoredSubmission[]): Reports | undefined {
	const arrays = submissions.flatMap(handedArrays);
	const users = [...new Set(submissions.flatMap(({ user }) => user ?? []))];
	return arrays.length === 0 ? { tasks: new Map(), ids: new Map() } : scheduler.report(arrays, users);
}

// A task that has begun has left its id.
function idIn({ outcomes, leases }: Traces, submission: StoredSubmission, index: number): string | undefined {
	const { offset, tasks } = submission.arrays[index]!;
	for (const key of submission.keys.slice(offset, offset + tasks * submission.perTask)) {
		const trace = [outcomes.get(key), leases.get(key)].find((one) => one?.submission === submission.name);
		const id = submission.name === undefined ? undefined : /^\w+-(\d+)_\d+$/u.exec(trace?.by ?? '')?.[1];
		if (id !== undefined) {
			return id;
		}
	}
	return undefined;
}
