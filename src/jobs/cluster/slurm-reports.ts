import { ask } from './programs.ts';
import type { HandedArray, Reports, TaskReport, TaskState } from './scheduler.ts';

/** What squeue says of arrays and, of what it has forgotten, sacct, which may be missing. One question to each. */
export function report(arrays: readonly HandedArray[], users: readonly string[]): Reports | undefined {
	const all = squeue(arrays, users);
	if (all === undefined) {
		return undefined;
	}
	const ids = new Map<string, string>();
	const tasks = new Map<string, TaskReport>();
	for (const line of all) {
		const [id = ''] = line.task.split('_');
		if (line.label !== '') {
			ids.set(line.label, id);
		}
		const array = arrays.find((one) => one.id === id || (one.label !== undefined && one.label === line.label));
		if (array !== undefined && isOurs(line, array)) {
			tasks.set(line.task, reportOf(line));
		}
	}
	askAccounting(arrays, tasks);
	return { tasks, ids };
}

/** The last thing that the daemon of a node has written about a task's end; nothing where it began again since. */
export function lastWord(log: string): TaskReport | undefined {
	const pattern = /^slurmstepd\S* error: \*\*\* JOB \d+ ON \S+ CANCELLED AT \S+?(?: DUE TO ([A-Z ]+?))? \*\*\*/gmu;
	const found = [...log.matchAll(pattern)].at(-1);
	const since = log.slice(found?.index ?? 0);
	if (/: attempt \d+$/mu.test(since) && found !== undefined) {
		return undefined;
	}
	if (/oom[-_ ]kill/iu.test(since)) {
		return { state: 'failed', reason: 'out of memory' };
	}
	const state = found === undefined ? undefined : found[1] === undefined ? 'cancelled' : ends[found[1]];
	return state === undefined ? undefined : { state, reason: '' };
}

const ends: Readonly<Record<string, TaskState>> = {
	'TIME LIMIT': 'timeout',
	PREEMPTION: 'preempted',
	'NODE FAILURE': 'node_failed',
};

interface Line {
	readonly task: string;
	readonly word: string;
	readonly label: string;
	readonly jobName: string;
	readonly reason: string;
}

// Undefined where it cannot be asked. One array alone is refused where squeue has forgotten it; several are not.
function squeue(arrays: readonly HandedArray[], users: readonly string[]): Line[] | undefined {
	const known = arrays.flatMap(({ id }) => (id === undefined ? [] : [id]));
	const which = known.length < arrays.length ? ['-u', users.join(',')] : ['-j', known.join(',')];
	const { code, stdout, stderr } = ask('squeue', ['-h', '-r', '-t', 'all', '-o', '%i|%T|%k|%j|%r', ...which]);
	return code !== 0 && !/invalid job id/iu.test(stderr) ? undefined : lines(stdout);
}

function lines(text: string): Line[] {
	return text.split('\n').flatMap((line) => {
		const [task = '', word = '', comment = '', jobName = '', ...reason] = line.split('|').map((part) => part.trim());
		const label = comment === '(null)' ? '' : comment;
		return /^\d+_\d+$/u.test(task) ? [{ task, word, label, jobName, reason: reason.join('|') }] : [];
	});
}

// Where ids have begun anew, another job may have one of ours. Sites keep comments or do not: then the name has to do.
function isOurs({ label, jobName }: Line, array: HandedArray): boolean {
	return label === '' ? (array.jobName ?? jobName) === jobName : (array.label ?? label) === label;
}

function askAccounting(arrays: readonly HandedArray[], tasks: Map<string, TaskReport>): void {
	const isForgotten = ({ id, tasks: count }: HandedArray): boolean =>
		id !== undefined && Array.from({ length: count }, (_, index) => `${id}_${index}`).some((task) => !tasks.has(task));
	const forgotten = arrays.filter(isForgotten);
	if (forgotten.length === 0) {
		return;
	}
	const ids = forgotten.map(({ id }) => id).join(',');
	const { stdout } = ask('sacct', ['-X', '-n', '-P', '-j', ids, '-o', 'JobID,State,Comment,JobName,Reason']);
	for (const line of lines(stdout)) {
		const array = forgotten.find(({ id }) => id === line.task.split('_')[0]);
		if (array !== undefined && !tasks.has(line.task) && isOurs(line, array)) {
			tasks.set(line.task, reportOf(line));
		}
	}
}

function reportOf({ word, reason }: Line): TaskReport {
	const [first = ''] = word.split(' ');
	const state = words[first];
	if (state === undefined) {
		return { state: 'unknown', reason: `the scheduler says ${first}` };
	}
	if (state === 'failed' && /LaunchFailure|launch failed/iu.test(reason)) {
		return { state: 'unstarted', reason };
	}
	const text = reasons[first] ?? (reason === 'None' ? '' : reason);
	return { state, reason: text, ...(state === 'queued' ? { blocked: blockOf(text) } : {}) };
}

// Reasons for which a task does not begin until somebody does something.
function blockOf(reason: string): string | undefined {
	return blocks.find(([pattern]) => pattern.test(reason))?.[1];
}

const blocks: ReadonlyArray<readonly [RegExp, string]> = [
	[/^JobHeldUser/u, 'held: scontrol release TASK'],
	[/^JobHeldAdmin/u, 'held by an administrator'],
	[/requeued.*held|launch failed/iu, 'held after a requeue: scontrol release TASK'],
	[
		/^DependencyNeverSatisfied/u,
		'it waits for a job that did not end as asked: cancel it and submit it without that dependency',
	],
	[/ReqNodeNotAvail|NodeDown|PartitionDown|PartitionInactive/u, 'its node or partition is unavailable'],
	[
		/^Partition(?:Time|Node)Limit|BadConstraints|InvalidAccount|InvalidQOS|QOSMax\w*PerJob|AssocMax\w*PerJob|QOSNotAllowed/u,
		'it asks for more than it may have',
	],
];

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
	COMPLETING: 'ending',
	SUSPENDED: 'suspended',
	STOPPED: 'suspended',
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
