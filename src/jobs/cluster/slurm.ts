import { EnvironmentError, UsageError } from '../../core/errors.ts';
import { parseDuration } from '../../core/frequency.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import { didYouMean } from '../../core/suggest.ts';
import { visible } from '../../core/visible.ts';
import type { ArrayShape, Profile } from './profile.ts';
import { ask } from './programs.ts';
import type { Scheduler, TaskReport, TaskState } from './scheduler.ts';
import { shortName } from './warning-signals.ts';

/** Slurm; sacct is asked only for what squeue has forgotten, and may be missing. */
export const slurm: Scheduler = {
	name: 'slurm',
	script: 'array.sbatch',
	canName,
	header,
	largestArray,
	submit,
	report,
	cancel(tasks) {
		const { code, stderr } = ask('scancel', tasks);
		if (code !== 0) {
			throw new EnvironmentError(
				'jobs.cancel',
				`scancel failed: ${code === undefined ? 'it is missing here' : stderr}.`,
			);
		}
	},
};

function header({ name, tasks, throttle, folder, cwd }: ArrayShape, profile: Profile): string[] {
	const { partition, time, cpus, memory, account, qos, constraint, dependency, lines = [], warning = 120 } = profile;
	const { mailUser, mailTypes = [], signal = 'SIGUSR1' } = profile;
	const option = (key: string, value: string | number | undefined): string[] =>
		value === undefined ? [] : [`#SBATCH --${key}=${value}`];
	return [
		...option('job-name', name),
		...option('array', `0-${tasks - 1}${throttle === undefined ? '' : `%${throttle}`}`),
		...option('chdir', canName(cwd) ? quoted(cwd) : '/'),
		...option('output', canName(folder) ? quoted(`${folder.replaceAll('%', '%%')}/task-%A_%a.log`) : '/dev/null'),
		// A task that is requeued goes on in the same file.
		...option('open-mode', 'append'),
		'#SBATCH --requeue',
		...option('signal', `B:${shortName(signal)}@${warning}`),
		...option('partition', partition),
		...option('time', time === undefined ? undefined : slurmTime(time)),
		...option('cpus-per-task', cpus),
		...option('mem', memory),
		...option('gres', gresOf(profile)),
		...option('account', account),
		...option('qos', qos),
		...option('constraint', constraint === undefined ? undefined : `"${constraint}"`),
		...option('dependency', dependency),
		...option('mail-user', mailUser),
		...option('mail-type', mailUser === undefined || mailTypes.length === 0 ? undefined : mailTypes.join()),
		...lines,
	];
}

function gresOf({ gpus, gpuType, gres }: Profile): string | undefined {
	const own = gpus === undefined ? [] : [`gpu:${gpuType === undefined ? '' : `${gpuType}:`}${gpus}`];
	return [...own, ...(gres === undefined ? [] : [gres])].join() || undefined;
}

// A backslash turns off the replacement of `%A` and `%a`, and is gone.
function canName(path: string): boolean {
	return !path.includes('\\') && visible(path) === path;
}

// Unquoted, a `#` begins a comment.
function quoted(path: string): string {
	return /^[\w@%+=:,./-]+$/u.test(path) ? path : `"${path.replaceAll('"', '\\"')}"`;
}

/** `4h50m` as Slurm writes it; its own notation stays. */
export function slurmTime(time: string): string {
	if (/^(?:\d+-)?\d+(?::\d+){0,2}$/u.test(time)) {
		return time;
	}
	const minutes = Math.ceil(parseDuration(time) / 60);
	return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:00`;
}

function largestArray(): number {
	const text = ask('scontrol', ['show', 'config']).stdout;
	return Number(/^MaxArraySize\s*=\s*(\d+)/mu.exec(text)?.[1] ?? 1001);
}

function submit(script: string, profile: Profile): string {
	const { code, stdout, stderr } = ask('sbatch', ['--parsable', script]);
	if (code === undefined) {
		throw new EnvironmentError(
			'jobs.no_slurm',
			`There is no sbatch on this machine. Where there is one: sbatch ${shellQuote(script)}`,
		);
	}
	// Some sites print a banner first; `--parsable` adds the cluster's name where there are several.
	const id = stdout.split('\n').findLast((line) => /^\d+(?:;.*)?$/u.test(line.trim()));
	if (code === 0 && id !== undefined) {
		return /\d+/u.exec(id)![0];
	}
	if (code === 0) {
		throw new EnvironmentError(
			'jobs.no_id',
			`sbatch took ${script}, but said no number: "${stdout.trim()}". Look for it with squeue.`,
		);
	}
	const said = stderr.replaceAll(/^sbatch: (?:error: )?/gmu, '').replaceAll('\n', ' ');
	if (/invalid partition/iu.test(stderr)) {
		const partitions = ask('sinfo', ['-h', '-o', '%R'])
			.stdout.split('\n')
			.filter((name) => name !== '');
		const hint = didYouMean(profile.partition ?? '', partitions);
		throw new UsageError(
			'jobs.partition',
			`partition = "${profile.partition ?? ''}" is refused (${said}).${hint} There are: ${partitions.join(', ')}.`,
		);
	}
	throw new EnvironmentError('jobs.refused', `sbatch refused ${script}: ${said}`);
}

function report(ids: readonly string[]): Map<string, TaskReport> | undefined {
	const found = new Map<string, TaskReport>();
	const args = ['-h', '-r', '-t', 'all', '-o', '%i|%T|%r', '-j'];
	const together = ask('squeue', [...args, ids.join(',')]);
	// One at a time where the list as a whole is refused because one of them is too old.
	for (const { code, stdout, stderr } of together.code === 0
		? [together]
		: ids.map((id) => ask('squeue', [...args, id]))) {
		if (code !== 0 && !/invalid job id/iu.test(stderr)) {
			return undefined;
		}
		read(stdout, found);
	}
	const forgotten = ids.filter((id) => ![...found.keys()].some((task) => task.startsWith(`${id}_`)));
	if (forgotten.length > 0) {
		read(ask('sacct', ['-X', '-n', '-P', '-j', forgotten.join(','), '-o', 'JobID,State,Reason']).stdout, found);
	}
	return found;
}

function read(text: string, found: Map<string, TaskReport>): void {
	for (const line of text.split('\n')) {
		const [task = '', word = '', reason = ''] = line.split('|').map((part) => part.trim());
		if (/^\d+_\d+$/u.test(task)) {
			found.set(task, reportOf(word, reason));
		}
	}
}

function reportOf(word: string, reason: string): TaskReport {
	const [first = ''] = word.split(' ');
	const state = words[first];
	if (state === undefined) {
		return { state: 'unknown', reason: `the scheduler says ${first}` };
	}
	if (state === 'failed' && /LaunchFailure|launch failed/iu.test(reason)) {
		return { state: 'unstarted', reason };
	}
	return { state, reason: reasons[first] ?? (reason === 'None' ? '' : reason) };
}

const reasons: Readonly<Record<string, string>> = {
	OUT_OF_MEMORY: 'out of memory',
	DEADLINE: 'past its deadline',
	BOOT_FAIL: 'its node could not start',
	RECONFIG_FAIL: 'its node could not start',
};

const words: Readonly<Record<string, TaskState>> = {
	PENDING: 'queued',
	CONFIGURING: 'queued',
	REQUEUED: 'queued',
	REQUEUE_HOLD: 'queued',
	REQUEUE_FED: 'queued',
	SPECIAL_EXIT: 'queued',
	RESV_DEL_HOLD: 'queued',
	EXPEDITING: 'queued',
	POWER_UP_NODE: 'queued',
	RUNNING: 'running',
	COMPLETING: 'running',
	SUSPENDED: 'running',
	STOPPED: 'running',
	SIGNALING: 'running',
	STAGE_OUT: 'running',
	RESIZING: 'running',
	UPDATE_DB: 'running',
	COMPLETED: 'completed',
	FAILED: 'failed',
	OUT_OF_MEMORY: 'failed',
	LAUNCH_FAILED: 'unstarted',
	BOOT_FAIL: 'node_failed',
	RECONFIG_FAIL: 'node_failed',
	DEADLINE: 'timeout',
	TIMEOUT: 'timeout',
	CANCELLED: 'cancelled',
	REVOKED: 'cancelled',
	PREEMPTED: 'preempted',
	NODE_FAIL: 'node_failed',
};
