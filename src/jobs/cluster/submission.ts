import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { placeBelow } from '../../files/inside.ts';
import { limits } from '../../files/limits.ts';
import { readRecordInside } from '../../files/reading.ts';
import { writeJsonInside } from '../../files/writing.ts';
import type { StateFolder } from '../folder.ts';
import { namesIn } from '../history.ts';
import type { Outcome } from '../outcome.ts';
import type { Profile } from './profile.ts';
import type { HandedArray, TaskReport } from './scheduler.ts';

/** One array of a submission. */
export interface SubmittedArray {
	/** Undefined where it is not known whether the scheduler has taken it, or where it has not. */
	readonly id?: string | undefined;
	/** Why it was not taken. */
	readonly refusal?: string | undefined;
	/** Jobs before its first one, in the order of `jobs.tsv`. */
	readonly offset: number;
	readonly tasks: number;
}

/** What was submitted at one time: `submissions/N/submission.json`. */
export interface Submission {
	readonly v: 1;
	readonly scheduler: 'slurm' | 'lsf';
	/** Unique; its arrays are `NAME.0`, `NAME.1` and so on to the scheduler. Older ones have none. */
	readonly name?: string | undefined;
	/** The name of its jobs there. */
	readonly jobName?: string | undefined;
	/** Who has handed it over. */
	readonly user?: string | undefined;
	/** ISO 8601, UTC. */
	readonly time: string;
	readonly arrays: readonly SubmittedArray[];
	readonly perTask: number;
	/** Tasks at a time. */
	readonly throttle?: number | undefined;
	/** Tasks per array where that was asked for. */
	readonly largestArray?: number | undefined;
	readonly shell: string;
	readonly cwd: string;
	readonly profile: Profile;
	readonly stale: number;
	/** The jobs in the order of the tasks. */
	readonly keys: readonly string[];
	/** The last attempt at each of them before: what has a larger number belongs to this submission or a later one. */
	readonly attempts?: readonly number[] | undefined;
	/** Jobs that were cancelled by request. */
	readonly cancelled: readonly string[];
	/** Whether nobody named the jobs: they were handed over again because they had been stopped or lost. */
	readonly isRepeat?: boolean | undefined;
}

const recordName = 'submission.json';

// What is read of it must be there; a profile is the user's own.
const submissionSchema = z.looseObject({
	v: z.literal(1),
	scheduler: z.enum(['slurm', 'lsf']),
	name: z.string().optional(),
	time: z.string(),
	arrays: z.array(
		z.looseObject({ id: z.string().optional(), refusal: z.string().optional(), offset: z.int(), tasks: z.int() }),
	),
	perTask: z.int().positive(),
	shell: z.string(),
	cwd: z.string(),
	profile: z.looseObject({}),
	stale: z.number(),
	keys: z.array(z.string()),
	attempts: z.array(z.int()).optional(),
	cancelled: z.array(z.string()),
});

/** A submission with its folder. */
export interface StoredSubmission extends Submission {
	readonly folder: string;
}

/** Every submission of a list, oldest first. */
export function readSubmissions(folder: string): StoredSubmission[] {
	return namesIn(folder)
		.filter((name) => /^\d+$/u.test(name) && existsSync(join(folder, name, recordName)))
		.sort((a, b) => Number(a) - Number(b))
		.map((name) => readSubmission(join(folder, name)));
}

/** The submission of a folder. */
export function readSubmission(folder: string): StoredSubmission {
	const stored = readRecordInside(...placeBelow(join(folder, recordName)), submissionSchema, limits.record);
	return { ...(stored as Submission), folder };
}

/** Writes `submission.json`. */
export function storeSubmission({ folder, ...submission }: StoredSubmission): void {
	writeJsonInside(...placeBelow(join(folder, recordName)), submission);
}

/** The array that a job of a submission belongs to. */
export function arrayOf(submission: Submission, key: string): SubmittedArray | undefined {
	const at = positionOf(submission, key);
	const { arrays, perTask } = submission;
	return at === undefined
		? undefined
		: arrays.find(({ offset, tasks }) => at >= offset && at < offset + tasks * perTask);
}

/** The task that a job of a submission belongs to, as `ARRAY_INDEX`; undefined where its array has no id. */
export function taskOf(submission: Submission, key: string): string | undefined {
	const array = arrayOf(submission, key);
	const at = positionOf(submission, key) ?? 0;
	return array?.id === undefined ? undefined : `${array.id}_${Math.floor((at - array.offset) / submission.perTask)}`;
}

/** The jobs that run in the task of a job, in their order. */
export function siblingsOf(submission: Submission, key: string): readonly string[] {
	const array = arrayOf(submission, key);
	const at = positionOf(submission, key);
	if (array === undefined || at === undefined) {
		return [];
	}
	const first = at - ((at - array.offset) % submission.perTask);
	return submission.keys.slice(
		first,
		Math.min(first + submission.perTask, array.offset + array.tasks * submission.perTask),
	);
}

/** Whether a submission has a job. */
export function hasJob(submission: Submission, key: string): boolean {
	return positionOf(submission, key) !== undefined;
}

const positions = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function positionOf({ keys }: Submission, key: string): number | undefined {
	let found = positions.get(keys);
	if (found === undefined) {
		found = new Map(keys.map((one, index) => [one, index]));
		positions.set(keys, found);
	}
	return found.get(key);
}

/** The log of a task, where the scheduler puts it. */
export function taskLog({ folder, scheduler }: StoredSubmission, task: string): string {
	const [id = '', index = ''] = task.split('_');
	return join(folder, `task-${id}_${scheduler === 'lsf' ? Number(index) + 1 : index}.log`);
}

/** What a scheduler is asked about. */
export function handedArrays({ arrays, name, jobName }: Submission): HandedArray[] {
	return arrays
		.map(({ id, refusal, tasks }, index) => ({ id, label: labelOf(name, index), jobName, tasks, refusal }))
		.filter(({ id, refusal }) => id !== undefined || refusal === undefined);
}

/** The name of an array of a submission. */
export function labelOf(name: string | undefined, index: number): string | undefined {
	return name === undefined ? undefined : `${name}.${index}`;
}

/** Whether an attempt at a job came after it was handed over. */
export function isAfter(outcome: Outcome, submission: Submission): boolean {
	const before = submission.attempts?.[positionOf(submission, outcome.key) ?? -1];
	if (before !== undefined) {
		return outcome.attempt > before;
	}
	const own = submission.arrays.map(({ id }) => `${submission.scheduler}-${id}_`);
	return outcome.by === undefined ? outcome.end >= submission.time : own.some((task) => outcome.by!.startsWith(task));
}

/** How often in a row a job was handed over again without anybody naming it. */
export function repeatsOf(submissions: readonly StoredSubmission[], key: string): number {
	const own = submissions.filter(
		(submission) => hasJob(submission, key) && arrayOf(submission, key)?.refusal === undefined,
	);
	return own.length - 1 - own.findLastIndex(({ isRepeat }) => isRepeat !== true);
}

/** Whether the scheduler still has the task. */
export function isActive(report: TaskReport | undefined): boolean {
	return report !== undefined && ['queued', 'running', 'suspended', 'ending'].includes(report.state);
}

/** A name for the jobs of a list that a person recognises: `batch.sh` alone says nothing. */
export function jobNameOf({ list }: StateFolder): string {
	const parts = list.split('/').filter((part) => part !== '');
	const own = basename(list);
	const named = /^(?:batch|jobs|run|list)\.\w+$/u.test(own) && parts.length > 2 ? parts.slice(-3, -1) : [own];
	return named.map((part) => part.replaceAll(/[^\w.+-]+/gu, '_')).join('/');
}
