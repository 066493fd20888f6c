import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells one process from every other that ever ran, on any machine of a cluster. */
export interface ProcessIdentity {
	readonly host: string;
	readonly pid: number;
	/** Differs after a reboot; empty where the system gives none. */
	readonly boot_id: string;
	/** The pid namespace: a container's pids mean nothing outside it; empty where there is none. */
	readonly pid_namespace: string;
	/** When the process started, in the system's own unit: tells a reused pid apart. */
	readonly process_start: string;
	/** The scheduler's job, such as `1234_5` of a SLURM array; empty outside one. */
	readonly job_id: string;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
	return {
		host: hostname(),
		pid: process.pid,
		boot_id: bootId(),
		pid_namespace: pidNamespace(),
		process_start: processStart(process.pid) ?? '',
		job_id: schedulerJob(process.env),
	};
}

/** Whether the process still runs (`elsewhere`: on a machine or in a container that cannot be looked into from here). */
export function whereabouts(process: ProcessIdentity): 'alive' | 'dead' | 'elsewhere' {
	if (process.host !== hostname()) {
		return 'elsewhere';
	}
	if (process.boot_id !== bootId()) {
		return 'dead';
	}
	if (process.pid_namespace !== pidNamespace()) {
		return 'elsewhere';
	}
	return processStart(process.pid) === process.process_start ? 'alive' : 'dead';
}

/** `SLURM_ARRAY_JOB_ID_TASK`, `SLURM_JOB_ID`, `PBS_JOBID`, `JOB_ID` or `LSB_JOBID`, whichever is set. */
export function schedulerJob(environment: NodeJS.ProcessEnv): string {
	const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task } = environment;
	if (array && task) {
		return `${array}_${task}`;
	}
	return ['SLURM_JOB_ID', 'PBS_JOBID', 'JOB_ID', 'LSB_JOBID'].map((name) => environment[name]).find(Boolean) ?? '';
}

function bootId(): string {
	return readOr('/proc/sys/kernel/random/boot_id', '').trim();
}

function pidNamespace(): string {
	try {
		return readlinkSync('/proc/self/ns/pid');
	} catch {
		return '';
	}
}

// undefined: no such process. A zombie has ended and only waits for its parent.
function processStart(pid: number): string | undefined {
	if (process.platform !== 'linux') {
		return processStartByPs(pid);
	}
	const stat = readOr(`/proc/${pid}/stat`, '');
	// The command in brackets may itself hold spaces and brackets: fields count from the last one.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [state] = fields;
	return stat === '' || state === 'Z' || state === 'X' ? undefined : fields[19];
}

function processStartByPs(pid: number): string | undefined {
	try {
		return (
			execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
				encoding: 'utf8',
				env: { ...process.env, LC_ALL: 'C' },
				stdio: ['ignore', 'pipe', 'ignore'],
			}).trim() || undefined
		);
	} catch {
		return undefined;
	}
}

function readOr(path: string, otherwise: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return otherwise;
	}
}
