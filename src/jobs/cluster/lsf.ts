import { readFileSync } from 'node:fs';
import { EnvironmentError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import { visible } from '../../core/visible.ts';
import type { ArrayShape, Profile } from './profile.ts';
import { ask } from './programs.ts';
import type { Scheduler, TaskReport, TaskState } from './scheduler.ts';
import { shortName } from './warning-signals.ts';

/** IBM Spectrum LSF, whose array indices begin at 1. */
export const lsf: Scheduler = {
	name: 'lsf',
	script: 'array.bsub',
	canName,
	header,
	largestArray: () => 1000,
	submit(script) {
		const { code, stdout, stderr } = ask('bsub', [], readFileSync(script, 'utf8'));
		const id = /Job <(\d+)>/u.exec(stdout)?.[1];
		if (code === undefined) {
			throw new EnvironmentError(
				'jobs.no_lsf',
				`There is no bsub on this machine. Where there is one: bsub < ${shellQuote(script)}`,
			);
		}
		if (code !== 0 || id === undefined) {
			throw new EnvironmentError('jobs.refused', `bsub refused ${script}: ${stderr || stdout.trim()}`);
		}
		return id;
	},
	report(ids) {
		const found = new Map<string, TaskReport>();
		const { code, stdout } = ask('bjobs', ['-a', '-noheader', '-o', 'jobid jobindex stat delimiter="|"', ...ids]);
		if (code === undefined) {
			return undefined;
		}
		for (const line of stdout.split('\n')) {
			const [id = '', index = '', word = ''] = line.split('|').map((part) => part.trim());
			if (/^\d+$/u.test(id) && /^\d+$/u.test(index)) {
				const state = words[word];
				const report: TaskReport =
					state === undefined ? { state: 'unknown', reason: `the scheduler says ${word}` } : { state, reason: '' };
				found.set(`${id}_${Number(index) - 1}`, report);
			}
		}
		return found;
	},
	cancel(tasks) {
		const names = tasks.map((task) => task.replace(/_(\d+)$/u, (_, index) => `[${Number(index) + 1}]`));
		const { code, stderr } = ask('bkill', names);
		if (code !== 0) {
			throw new EnvironmentError('jobs.cancel', `bkill failed: ${code === undefined ? 'it is missing here' : stderr}.`);
		}
	},
};

function header({ name, tasks, throttle, folder, cwd }: ArrayShape, profile: Profile): string[] {
	const { partition, time, cpus, memory, account, dependency, mailUser, lines = [], warning = 120 } = profile;
	const { signal = 'SIGUSR1' } = profile;
	const option = (flag: string, value: string | number | undefined): string[] =>
		value === undefined ? [] : [`#BSUB -${flag} ${value}`];
	return [
		...option('J', `"${name}[1-${tasks}]${throttle === undefined ? '' : `%${throttle}`}"`),
		...option('cwd', canName(cwd) ? `"${cwd}"` : '"/"'),
		...option('o', canName(folder) ? `"${folder}/task-%J_%I.log"` : '/dev/null'),
		'#BSUB -r',
		// Exit code 75 alone puts a task back into the queue.
		...option('Q', '"75"'),
		...option('wa', shortName(signal)),
		...option('wt', Math.max(1, Math.ceil(warning / 60))),
		...option('q', partition),
		...option('W', time === undefined ? undefined : lsfTime(time)),
		...option('n', cpus),
		...option('R', memory === undefined ? undefined : `"rusage[mem=${memory}]"`),
		...option('gpu', gpuOf(profile)),
		...option('P', account),
		...option('w', dependency === undefined ? undefined : `"${dependency}"`),
		...(mailUser === undefined ? [] : [`#BSUB -u ${mailUser}`, '#BSUB -N']),
		...lines,
	];
}

// It has no way to write these, which mean something to it.
function canName(path: string): boolean {
	return !/["\\$`%#]/u.test(path) && visible(path) === path;
}

function gpuOf({ gpus, gpuType, gpuMode, gres }: Profile): string | undefined {
	const number = gpus ?? (gres === undefined ? undefined : (/\d+$/u.exec(gres)?.[0] ?? gres));
	const more = [
		...(gpuMode === undefined ? [] : [`mode=${gpuMode}`]),
		...(gpuType === undefined ? [] : [`gmodel=${gpuType}`]),
	];
	return number === undefined ? undefined : `"${[`num=${number}`, ...more].join(':')}"`;
}

function lsfTime(time: string): string {
	if (/^\d+(?::\d+)?$/u.test(time)) {
		return time;
	}
	const minutes = Math.ceil(parseDuration(time) / 60);
	return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

const words: Readonly<Record<string, TaskState>> = {
	PEND: 'queued',
	PROV: 'queued',
	PSUSP: 'queued',
	WAIT: 'queued',
	RUN: 'running',
	USUSP: 'running',
	SSUSP: 'running',
	DONE: 'completed',
	EXIT: 'failed',
	ZOMBI: 'node_failed',
	UNKWN: 'running',
};
