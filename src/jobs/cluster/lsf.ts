import { readFileSync } from 'node:fs';
import { EnvironmentError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import { visible } from '../../core/visible.ts';
import { NotTaken, unclear } from './not-taken.ts';
import type { ArrayShape, Profile } from './profile.ts';
import { ask } from './programs.ts';
import type { HandedArray, Handover, Reports, Scheduler, TaskReport, TaskState } from './scheduler.ts';
import { shortName } from './warning-signals.ts';

/** IBM Spectrum LSF, whose array indices begin at 1. */
export const lsf: Scheduler = {
	name: 'lsf',
	script: 'array.bsub',
	canName,
	header,
	largestArray: () => 1000,
	submit,
	report,
	// It tells in its own files how jobs end.
	lastWord: () => undefined,
	cancel(tasks) {
		const names = tasks.map((task) => task.replace(/_(\d+)$/u, (_, index: string) => `[${Number(index) + 1}]`));
		const { code, stderr } = ask('bkill', names);
		return code === undefined ? 'there is no bkill here' : code === 0 ? '' : stderr;
	},
};

function submit(script: string, { profile, label, after }: Handover): string {
	const ended = after.map((id) => `ended(${id})`);
	const conditions = profile.dependency === undefined ? ended : [`(${profile.dependency})`, ...ended];
	const options = ['-Jd', label, ...(after.length === 0 ? [] : ['-w', conditions.join(' && ')])];
	const { code, stdout, stderr } = ask('bsub', options, { input: readFileSync(script, 'utf8') });
	const id = /Job <(\d+)>/u.exec(stdout)?.[1];
	if (code === undefined) {
		const hint = `There is no bsub on this machine. Where there is one: bsub < ${shellQuote(script)}`;
		throw new NotTaken(new EnvironmentError('jobs.no_lsf', hint), 'there is no bsub on this machine');
	}
	if (code === 0 && id !== undefined) {
		return id;
	}
	if (code === 0 || /timed out|not respond|communication|connect/iu.test(stderr)) {
		throw unclear('bsub', script, stderr);
	}
	throw new NotTaken(new EnvironmentError('jobs.refused', `bsub refused ${script}: ${stderr}`), stderr);
}

function report(arrays: readonly HandedArray[], users: readonly string[]): Reports | undefined {
	const asked = arrays.some(({ id }) => id === undefined) ? ['-u', users[0] ?? 'all'] : arrays.map(({ id }) => id!);
	const format = "jobid jobindex stat job_description delimiter='|'";
	const { code, stdout, stderr } = ask('bjobs', ['-a', '-noheader', '-o', format, ...asked]);
	if (code === undefined || (code !== 0 && !/not found|No .*job/iu.test(stderr))) {
		return undefined;
	}
	const tasks = new Map<string, TaskReport>();
	const ids = new Map<string, string>();
	for (const line of stdout.split('\n')) {
		const [id = '', index = '', word = '', label = ''] = line.split('|').map((part) => part.trim());
		if (/^\d+$/u.test(id) && /^\d+$/u.test(index)) {
			ids.set(label, id);
			const state = words[word];
			const report: TaskReport =
				state === undefined ? { state: 'unknown', reason: `the scheduler says ${word}` } : { state, reason: '' };
			tasks.set(`${id}_${Number(index) - 1}`, report);
		}
	}
	return { tasks, ids };
}

function header({ name, label, tasks, throttle, folder, cwd }: ArrayShape, profile: Profile): string[] {
	const { partition, time, cpus, memory, account, dependency, mailUser, lines = [], warning = 120 } = profile;
	const { signal = 'SIGUSR1' } = profile;
	const option = (flag: string, value: string | number | undefined): string[] =>
		value === undefined ? [] : [`#BSUB -${flag} ${value}`];
	return [
		...option('J', `"${name}[1-${tasks}]${throttle === undefined ? '' : `%${throttle}`}"`),
		...option('Jd', label),
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
	USUSP: 'suspended',
	SSUSP: 'suspended',
	DONE: 'completed',
	EXIT: 'failed',
	ZOMBI: 'node_failed',
	UNKWN: 'running',
};
