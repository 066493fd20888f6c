import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import type { Job } from './list.ts';

/** One attempt, ready to start. */
export interface Task {
	readonly job: Job;
	readonly attempt: number;
	/** What it prints goes here. */
	readonly log: string;
	/** The whole environment of the attempt. */
	readonly env: Readonly<Record<string, string>>;
	/** Counts from 0; two attempts never have one slot at the same time. */
	readonly slot: number;
}

export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

/** A running attempt: the leader of a process group of its own. */
export interface Execution {
	readonly pid: number | undefined;
	readonly ended: Promise<Exit>;
	/** Signals the whole group, and nothing else. */
	signal(name: NodeJS.Signals): void;
}

/** Runs attempts in some way: a new shell each, or workers that are warm already. */
export interface Executor {
	/** Undefined where it cannot run this job; then a shell does. */
	start(task: Task): Execution | undefined;
	close(): Promise<void>;
}

/** Starts a shell for an attempt, in a process group of its own, writing to its log. */
export function startShell(task: Task, shell: string, cwd: string): Execution {
	const { setup, command } = task.job;
	const log = openSync(task.log, 'w');
	try {
		const child = spawn(shell, ['-c', `${setup}${command}`], {
			cwd,
			env: task.env,
			detached: true,
			stdio: ['ignore', log, log],
		});
		return executionOf(child, (error) => appendFileSync(task.log, `${shell} cannot be started: ${error.message}\n`));
	} finally {
		closeSync(log);
	}
}

function executionOf(child: ChildProcess, onFailure: (error: Error) => void): Execution {
	const { pid } = child;
	let isOver = false;
	const ended = new Promise<Exit>((resolve) => {
		child.once('error', (error) => {
			if (pid === undefined) {
				onFailure(error);
				resolve({ code: 127, signal: null });
			}
		});
		child.once('exit', (code, signal) => {
			isOver = true;
			resolve({ code, signal });
		});
	});
	return { pid, ended, signal: (name) => signalGroup(isOver ? undefined : pid, name) };
}

/** Signals a process group that this process made; one that is gone is fine. */
export function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
	if (pid === undefined) {
		return;
	}
	try {
		process.kill(-pid, name);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
			throw error;
		}
	}
}
