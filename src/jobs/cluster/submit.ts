import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { guard, writeFileAtomic } from '../../files/atomic.ts';
import { makeFolderInside } from '../../files/inside.ts';
import type { StateFolder } from '../folder.ts';
import { guardOf, isOneCommand } from '../guard.ts';
import { namesIn } from '../history.ts';
import type { Job } from '../list.ts';
import { checkProfile, type Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';
import { renderScript, taskScript } from './script.ts';
import { type StoredSubmission, type SubmittedArray, storeSubmission } from './submission.ts';

export interface SubmitOptions {
	readonly scheduler: Scheduler;
	readonly profile: Profile;
	readonly jobs: readonly Job[];
	readonly folder: StateFolder;
	readonly shell: string;
	readonly cwd: string;
	/** Lines per task, at least 1. */
	readonly perTask: number;
	/** Tasks at a time in each array. */
	readonly throttle: number | undefined;
	/** Tasks per array; undefined: as many as the scheduler allows. */
	readonly largestArray: number | undefined;
	/** Seconds without a heartbeat after which the owner of a lease counts as dead. */
	readonly stale: number;
	/** How often a task may ask to be run again. */
	readonly requeues: number;
	/** Whether nobody named the jobs. */
	readonly isRepeat?: boolean;
}

interface Chunk {
	readonly script: string;
	readonly text: string;
	readonly array: Omit<SubmittedArray, 'id'>;
}

/** Writes the scripts and the jobs file of a submission and hands the arrays over; returns at once. */
export function submit(options: SubmitOptions): StoredSubmission {
	const { scheduler, profile, jobs, folder, shell, cwd, perTask, throttle, largestArray, stale, isRepeat } = options;
	const path = newFolder(folder);
	writeFileAtomic(join(path, 'task.sh'), taskScript());
	writeFileAtomic(join(path, 'jobs.tsv'), jobsFile(jobs, path, shell));
	const keys = jobs.map((job) => job.key);
	const common = { v: 1 as const, scheduler: scheduler.name, time: new Date().toISOString(), cancelled: [] };
	let submission: StoredSubmission = {
		...common,
		folder: path,
		arrays: [],
		perTask,
		throttle,
		largestArray,
		shell,
		cwd,
		profile,
		stale,
		keys,
		isRepeat,
	};
	storeSubmission(submission);
	const parts = chunks(options, path);
	for (const { script, text } of parts) {
		writeFileAtomic(script, text);
	}
	for (const { script, array } of parts) {
		const id = scheduler.submit(script, profile);
		// At once after each, so that no accepted array is ever forgotten.
		submission = { ...submission, arrays: [...submission.arrays, { id, ...array }] };
		storeSubmission(submission);
	}
	return submission;
}

/** The scripts that `submit` would write, for a look beforehand; nothing is written. */
export function preview(options: SubmitOptions): string {
	return chunks(options, join(options.folder.submissions, 'N'))
		.map(({ text }) => text)
		.join('\n');
}

function chunks(options: SubmitOptions, path: string): Chunk[] {
	const { scheduler, jobs, folder, perTask, throttle, cwd, shell, stale, requeues } = options;
	const profile = checkProfile(options.profile);
	const limit = options.largestArray ?? scheduler.largestArray();
	const name = jobName(folder);
	const tasks = Math.ceil(jobs.length / perTask);
	return Array.from({ length: Math.ceil(tasks / limit) }, (_, index) => {
		const array = { offset: index * limit * perTask, tasks: Math.min(limit, tasks - index * limit) };
		const shape = { name, tasks: array.tasks, throttle, folder: path, cwd };
		const { offset } = array;
		const text = renderScript({
			scheduler,
			shape,
			profile,
			list: folder.list,
			state: folder.path,
			submission: path,
			shell,
			perTask,
			offset,
			stale,
			requeues,
		});
		return { script: join(path, numbered(scheduler.script, index)), text, array };
	});
}

function numbered(script: string, index: number): string {
	return index === 0 ? script : script.replace('.', `-${index + 1}.`);
}

function jobName(folder: StateFolder): string {
	return basename(folder.list).replaceAll(/[^\w.-]+/gu, '_');
}

function newFolder(folder: StateFolder): string {
	folder.create();
	makeFolderInside(folder.path, basename(folder.submissions));
	for (let number = namesIn(folder.submissions).length + 1; ; number++) {
		const path = join(folder.submissions, String(number));
		try {
			guard(path, () => mkdirSync(path));
			return path;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
				throw error;
			}
		}
	}
}

// One line per job: key, name, file to source first, file of a command of several lines, whether exit code 0 means all of
// it, what protects its shell from signals, command. A minus sign is for none.
function jobsFile(jobs: readonly Job[], path: string, shell: string): string {
	const setups = new Map<string, string>();
	return jobs
		.map(({ key, name, setup, command }) => {
			if (setup !== '' && !setups.has(setup)) {
				setups.set(setup, `setup-${setups.size + 1}.sh`);
				writeFileAtomic(join(path, setups.get(setup)!), setup);
			}
			const isLong = command.includes('\n');
			if (isLong) {
				writeFileAtomic(join(path, `${key}.sh`), `${command}\n`);
			}
			const files = [setups.get(setup) ?? '-', isLong ? `${key}.sh` : '-'];
			const tells = isOneCommand(command) ? 'one' : 'several';
			const guard = guardOf(shell, command).trim() || ':';
			return `${[key, name, ...files, tells, guard, isLong ? '-' : command].join('\t')}\n`;
		})
		.join('');
}

/** A whole number of at least 1 from the command line. */
export function wholeNumber(text: string, option: string): number {
	if (!/^[1-9]\d{0,6}$/u.test(text)) {
		throw new UsageError('jobs.number', `${option} ${text}: allowed are whole numbers from 1.`);
	}
	return Number(text);
}
