import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { placeBelow } from '../../files/inside.ts';
import { limits } from '../../files/limits.ts';
import { readRecordInside } from '../../files/reading.ts';
import { writeJsonInside } from '../../files/writing.ts';
import { namesIn } from '../history.ts';
import type { Profile } from './profile.ts';
import type { TaskReport } from './scheduler.ts';

/** One array of a submission. */
export interface SubmittedArray {
	readonly id: string;
	/** Jobs before its first one, in the order of `jobs.tsv`. */
	readonly offset: number;
	readonly tasks: number;
}

/** What was submitted at one time: `submissions/N/submission.json`. */
export interface Submission {
	readonly v: 1;
	readonly scheduler: 'slurm' | 'lsf';
	/** ISO 8601, UTC. */
	readonly time: string;
	readonly arrays: readonly SubmittedArray[];
	readonly perTask: number;
	/** Tasks at a time in each array. */
	readonly throttle?: number | undefined;
	/** Tasks per array where that was asked for. */
	readonly largestArray?: number | undefined;
	readonly shell: string;
	readonly cwd: string;
	readonly profile: Profile;
	readonly stale: number;
	/** The jobs in the order of the tasks. */
	readonly keys: readonly string[];
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
	time: z.string(),
	arrays: z.array(z.looseObject({ id: z.string(), offset: z.int(), tasks: z.int() })),
	perTask: z.int().positive(),
	shell: z.string(),
	cwd: z.string(),
	profile: z.looseObject({}),
	stale: z.number(),
	keys: z.array(z.string()),
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
		.map((name) => {
			const stored = readRecordInside(folder, `${name}/${recordName}`, submissionSchema, limits.record);
			return { ...(stored as Submission), folder: join(folder, name) };
		});
}

/** Writes `submission.json`. */
export function storeSubmission({ folder, ...submission }: StoredSubmission): void {
	writeJsonInside(...placeBelow(join(folder, recordName)), submission);
}

/** The task that a job of a submission belongs to, as `ARRAY_INDEX`; undefined where its array was never accepted. */
export function taskOf({ arrays, perTask, keys }: Submission, key: string): string | undefined {
	const at = keys.indexOf(key);
	const array = arrays.find(({ offset, tasks }) => at >= offset && at < offset + tasks * perTask);
	return at < 0 || array === undefined ? undefined : `${array.id}_${Math.floor((at - array.offset) / perTask)}`;
}

/** The newest submission that has a job. */
export function submissionOf(submissions: readonly StoredSubmission[], key: string): StoredSubmission | undefined {
	return submissions.findLast((submission) => submission.keys.includes(key));
}

/** How often in a row a job was handed over again without anybody naming it. */
export function repeatsOf(submissions: readonly StoredSubmission[], key: string): number {
	const own = submissions.filter(({ keys }) => keys.includes(key));
	return own.length - 1 - own.findLastIndex(({ isRepeat }) => isRepeat !== true);
}

/** Whether the scheduler still has the task. */
export function isActive(report: TaskReport | undefined): boolean {
	return report?.state === 'queued' || report?.state === 'running';
}
