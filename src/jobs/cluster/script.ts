import { readFileSync } from 'node:fs';
import { shellQuote } from '../../core/shell-quote.ts';
import type { ArrayShape, Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';

export interface ScriptOptions {
	readonly scheduler: Scheduler;
	readonly shape: ArrayShape;
	readonly profile: Profile;
	/** The state folder of the list. */
	readonly state: string;
	/** The folder of this submission. */
	readonly submission: string;
	readonly shell: string;
	/** Lines per task. */
	readonly perTask: number;
	/** Lines before the first one of this array. */
	readonly offset: number;
	/** Seconds without a heartbeat after which the owner of a lease counts as dead. */
	readonly stale: number;
	/** How often a task may ask to be run again. */
	readonly requeues: number;
}

/** The script of one array: a header for the scheduler, a few assignments, and the part that all scripts share. */
export function renderScript(options: ScriptOptions): string {
	const { scheduler, shape, profile, state, submission, shell, perTask, offset, stale, requeues } = options;
	const lines = perTask === 1 ? 'one line' : `${perTask} lines`;
	return `${[
		'#!/usr/bin/env bash',
		...scheduler.header(shape, profile),
		'',
		`# Each task runs ${lines} of jobs.tsv; task 0 begins with line ${offset + 1}.`,
		`state=${shellQuote(state)}`,
		`submission=${shellQuote(submission)}`,
		`cwd=${shellQuote(shape.cwd)}`,
		`shell=${shellQuote(shell)}`,
		`scheduler=${scheduler.name}`,
		`per_task=${perTask}`,
		`offset=${offset}`,
		`stale=${stale}`,
		`requeues=${requeues}`,
		'. "$submission/task.sh"',
	].join('\n')}\n`;
}

/** The part that all scripts share. */
export function taskScript(): string {
	return readFileSync(new URL('task.sh', import.meta.url), 'utf8');
}
