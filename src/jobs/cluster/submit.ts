import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { guard, writeFileAtomic } from '../../files/atomic.ts';
import { makeFolderInside } from '../../files/inside.ts';
import type { StateFolder } from '../folder.ts';
import { namesIn } from '../history.ts';
import type { Job } from '../list.ts';
import { readEnded } from '../outcome.ts';
import { jobsFile } from './jobs-file.ts';
import { NotTaken } from './not-taken.ts';
import { checkProfile, type Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';
import { renderScript, taskScript } from './script.ts';
import {
	handedArrays,
	jobNameOf,
	labelOf,
	type StoredSubmission,
	type SubmittedArray,
	storeSubmission,
} from './submission.ts';

/** How jobs are handed over. */
export interface SubmitSettings {
	readonly scheduler: Scheduler;
	readonly profile: Profile;
	readonly shell: string;
	readonly cwd: string;
	/** Lines per task, at least 1. */
	readonly perTask: number;
	/** Tasks at a time, over all arrays of the list. */
	readonly throttle: number | undefined;
	/** Tasks per array; undefined: as many as the scheduler allows. */
	readonly largestArray: number | undefined;
	/** Seconds without a heartbeat after which the owner of a lease counts as dead. */
	readonly stale: number;
}

export interface SubmitOptions extends SubmitSettings {
	readonly jobs: readonly Job[];
	readonly folder: StateFolder;
	/** Arrays of the list that the scheduler still has. */
	readonly before?: readonly string[];
	/** Whether nobody named the jobs. */
	readonly isRepeat?: boolean;
	/** Called after each array. */
	readonly beat?: () => void;
}

/** How often a task may ask to be run again. */
const requeues = 100;

interface Chunk {
	readonly script: string;
	readonly text: string;
	readonly array: SubmittedArray;
}

/**
 * Writes the scripts and the jobs file of a submission and hands the arrays over; returns at once. What is not taken is
 * noted with the reason, before that is thrown.
 */
export function submit(options: SubmitOptions): StoredSubmission {
	const path = newFolder(options.folder);
	let submission = planned(options, path);
	writeFileAtomic(join(path, 'task.sh'), taskScript());
	writeFileAtomic(join(path, 'jobs.tsv'), jobsFile(options.jobs, path, options.shell));
	const parts = chunks(options, path, submission.name!);
	for (const { script, text } of parts) {
		writeFileAtomic(script, text);
	}
	// All of it stands there before the scheduler hears of any: what it takes can be found again by its name.
	submission = { ...submission, arrays: parts.map(({ array }) => array) };
	storeSubmission(submission);
	let before = options.throttle === undefined ? [] : (options.before ?? []);
	for (const [index, { script }] of parts.entries()) {
		const taken = handOver(options, submission, index, script, before);
		submission = taken.submission;
		storeSubmission(submission);
		options.beat?.();
		if (taken.error !== undefined) {
			throw taken.error;
		}
		before = options.throttle === undefined ? [] : [submission.arrays[index]!.id!];
	}
	return submission;
}

function planned(options: SubmitOptions, path: string): StoredSubmission {
	const { scheduler, profile, jobs, folder, shell, cwd, perTask, throttle, largestArray, stale, isRepeat } = options;
	return {
		v: 1,
		scheduler: scheduler.name,
		name: `gimlet-${randomBytes(6).toString('hex')}`,
		jobName: jobNameOf(folder),
		user: userName(),
		time: new Date().toISOString(),
		cancelled: [],
		folder: path,
		arrays: [],
		perTask,
		throttle,
		largestArray,
		shell,
		cwd,
		profile,
		stale,
		keys: jobs.map((job) => job.key),
		attempts: jobs.map((job) => readEnded(folder.ended, job.key)?.attempt ?? 0),
		isRepeat,
	};
}

interface Taken {
	readonly submission: StoredSubmission;
	readonly error?: unknown;
}

function handOver(
	{ scheduler, profile }: SubmitOptions,
	submission: StoredSubmission,
	index: number,
	script: string,
	after: readonly string[],
): Taken {
	const label = labelOf(submission.name, index)!;
	try {
		const id = scheduler.submit(script, { profile, label, after });
		return { submission: withArray(submission, index, { id }) };
	} catch (error) {
		// Whatever it said: what it has taken it has.
		const id = lookUp(scheduler, submission, label);
		if (id !== undefined) {
			return { submission: withArray(submission, index, { id }) };
		}
		const refused = error instanceof NotTaken ? withArray(submission, index, { refusal: error.reason }) : submission;
		const rest = refused.arrays.map((array, at) =>
			at > index ? { ...array, refusal: 'not handed over after an error with the array before it' } : array,
		);
		return { submission: { ...refused, arrays: rest }, error: error instanceof NotTaken ? error.error : error };
	}
}

function lookUp(scheduler: Scheduler, submission: StoredSubmission, label: string): string | undefined {
	const arrays = handedArrays(submission).filter((array) => array.label === label);
	return scheduler.report(arrays, [submission.user!])?.ids.get(label);
}

function withArray(
	submission: StoredSubmission,
	index: number,
	more: Pick<SubmittedArray, 'id' | 'refusal'>,
): StoredSubmission {
	return {
		...submission,
		arrays: submission.arrays.map((array, at) => (at === index ? { ...array, ...more } : array)),
	};
}

/** The scripts that `submit` would write, for a look beforehand; nothing is written. */
export function preview(options: SubmitOptions): string {
	return chunks(options, join(options.folder.submissions, 'N'), 'gimlet-N')
		.map(({ text }) => text)
		.join('\n');
}

function chunks(options: SubmitOptions, path: string, name: string): Chunk[] {
	const { scheduler, jobs, folder, perTask, throttle, cwd, shell, stale } = options;
	const profile = checkProfile(options.profile);
	const limit = options.largestArray ?? scheduler.largestArray();
	const tasks = Math.ceil(jobs.length / perTask);
	return Array.from({ length: Math.ceil(tasks / limit) }, (_, index) => {
		const array = { offset: index * limit * perTask, tasks: Math.min(limit, tasks - index * limit) };
		const label = labelOf(name, index)!;
		const shape = { name: jobNameOf(folder), label, tasks: array.tasks, throttle, folder: path, cwd };
		const own = { offset: array.offset, submission: path, label: name, list: folder.list, state: folder.path };
		const text = renderScript({ scheduler, shape, profile, shell, perTask, stale, requeues, ...own });
		return { script: join(path, numbered(scheduler.script, index)), text, array };
	});
}

function numbered(script: string, index: number): string {
	return index === 0 ? script : script.replace('.', `-${index + 1}.`);
}

function newFolder(folder: StateFolder): string {
	folder.create();
	makeFolderInside(folder.path, basename(folder.submissions));
	for (let number = namesIn(folder.submissions).length + 1; ; number++) {
		const path = join(folder.submissions, String(number));
		try {
			guard(path, () => mkdirSync(path));
			guard(path, () => mkdirSync(join(path, 'cancelled')));
			return path;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
				throw error;
			}
		}
	}
}

function userName(): string {
	try {
		return userInfo().username;
	} catch {
		return String(process.getuid?.() ?? '');
	}
}

/** A whole number of at least 1 from the command line. */
export function wholeNumber(text: string, option: string): number {
	if (!/^[1-9]\d{0,6}$/u.test(text)) {
		throw new UsageError('jobs.number', `${option} ${text}: allowed are whole numbers from 1.`);
	}
	return Number(text);
}
