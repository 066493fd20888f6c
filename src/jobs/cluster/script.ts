import { readFileSync } from 'node:fs';
import { typedCommand } from '../../core/shell-quote.ts';
import type { ArrayShape, Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';
import { shortName } from './warning-signals.ts';

export interface ScriptOptions {
	readonly scheduler: Scheduler;
	readonly shape: ArrayShape;
	readonly profile: Profile;
	/** The list, which its lines know as `$0`. */
	readonly list: string;
	/** The state folder of the list. */
	readonly state: string;
	/** The folder of this submission. */
	readonly submission: string;
	/** The name of this submission, without that of its array. */
	readonly label: string;
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
	const { scheduler, shape, profile, list, state, submission, label, shell, perTask, offset, stale, requeues } =
		options;
	const { signal = 'SIGUSR1' } = profile;
	const lines = perTask === 1 ? 'one line' : `${perTask} lines`;
	return `${[
		'#!/usr/bin/env bash',
		...scheduler.header(shape, profile),
		'',
		`# Each task runs ${lines} of jobs.tsv; task 0 begins with line ${offset + 1}.`,
		'# shellcheck disable=SC1090,SC1091,SC2034,SC2154',
		`trap 'gimlet_warned=1 warned=1' ${shortName(signal)}`,
		'environment=$(export -p)',
		`list=${word(list)}`,
		`state=${word(state)}`,
		`submission=${word(submission)}`,
		`label=${label}`,
		`cwd=${word(shape.cwd)}`,
		`shell=${word(shell)}`,
		`scheduler=${scheduler.name}`,
		`signal=${shortName(signal)}`,
		`tasks=${shape.tasks}`,
		`per_task=${perTask}`,
		`offset=${offset}`,
		`stale=${stale}`,
		`requeues=${requeues}`,
		`cpus=${profile.cpus ?? ''}`,
		`writes_log=${scheduler.canName(shape.folder) ? 'no' : 'yes'}`,
		`warned=\${gimlet_warned-}`,
		'. "$submission/task.sh"',
	].join('\n')}\n`;
}

// On one line, whatever the path: nothing of it can be taken for a line of the script.
function word(text: string): string {
	return typedCommand(['x', text]).slice(2);
}

/** The part that all scripts share. */
export function taskScript(): string {
	return readFileSync(new URL('task.sh', import.meta.url), 'utf8');
}
