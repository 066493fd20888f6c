import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeBelow } from '../files/inside.ts';
import { openForAppend } from '../files/writing.ts';
import { guardOf, isOneCommand } from './guard.ts';
import type { Job } from './list.ts';
import { type Member, membersOf, signalGroup, warnGroup } from './process-group.ts';

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
	/** What it has left running, as a shell would. */
	readonly left?: readonly Member[];
}

/** A running attempt: a process group of its own, named after its first process. */
export interface Execution {
	readonly pid: number | undefined;
	/** Once a signal was sent, or ended the first process, the end of the last one. */
	readonly ended: Promise<Exit>;
	/** Signals the whole group, and nothing else. */
	signal(name: NodeJS.Signals): void;
	/** Signals those processes of the group that handle the signal, also those that come to handle it later. */
	warn(name: NodeJS.Signals): void;
}

/** Runs attempts in some way: a new shell each, or workers that are warm already. */
export interface Executor {
	/** Undefined where it cannot run this job; then a shell does. */
	start(task: Task): Execution | undefined;
	close(): Promise<void>;
}

/** How a shell is started for jobs. */
export interface ShellOptions {
	readonly shell: string;
	readonly cwd: string;
	/** The path of the list, which its lines know as `$0`. */
	readonly list: string;
}

/** Starts a shell for an attempt, in a process group of its own, writing to its log. */
export function startShell(task: Task, { shell, cwd, list }: ShellOptions): Execution {
	const { setup, command } = task.job;
	const log = openLog(task.log);
	try {
		const child = spawn(shell, ['-c', `${guardOf(shell, command)}${setup}${command}`, list], {
			cwd,
			env: task.env,
			detached: true,
			stdio: ['ignore', log, log],
		});
		return new GroupExecution(child, isOneCommand(command), (error) => {
			appendTo(task.log, `${shell} cannot be started: ${error.message}\n`);
		});
	} finally {
		closeSync(log);
	}
}

/** Adds a line to a log. */
export function appendTo(path: string, line: string): void {
	const log = openForAppend(...placeBelow(path));
	writeSync(log, line);
	closeSync(log);
}

/** An empty log, which every process of the attempt appends to. */
export function openLog(path: string): number {
	const log = openForAppend(...placeBelow(path));
	ftruncateSync(log);
	return log;
}

// Milliseconds between looks at what is left of a group, and between warnings.
const lookEvery = 50;
const warnEvery = 1000;

class GroupExecution implements Execution {
	readonly pid: number | undefined;
	readonly ended: Promise<Exit>;
	#isOver = false;
	#isSignalled = false;
	#asked: NodeJS.Signals | undefined;
	#warning: NodeJS.Timeout | undefined;

	/** `tells`: whether exit code 0 means that all of the line was done. */
	constructor(child: ChildProcess, tells: boolean, onFailure: (error: Error) => void) {
		this.pid = child.pid;
		this.ended = this.#watch(child, tells, onFailure).finally(() => {
			this.#isOver = true;
			clearInterval(this.#warning);
		});
	}

	signal(name: NodeJS.Signals): void {
		this.#isSignalled = true;
		this.#asked = name;
		signalGroup(this.#isOver ? undefined : this.pid, name);
	}

	warn(name: NodeJS.Signals): void {
		const { pid } = this;
		if (pid === undefined || this.#isOver) {
			return;
		}
		this.#isSignalled = true;
		const told = new Map<number, number>();
		const warn = () => warnGroup(pid, name, told);
		warn();
		clearInterval(this.#warning);
		// One that has only just begun may not listen yet.
		this.#warning = setInterval(warn, warnEvery);
	}

	async #watch(child: ChildProcess, tells: boolean, onFailure: (error: Error) => void): Promise<Exit> {
		const exit = await new Promise<Exit>((resolve) => {
			child.once('error', (error) => {
				if (child.pid === undefined) {
					onFailure(error);
					resolve({ code: 127, signal: null });
				}
			});
			child.once('exit', (code, signal) => resolve({ code, signal }));
		});
		if (child.pid === undefined) {
			return exit;
		}
		let left = membersOf(child.pid);
		while (left.length > 0 && (this.#isSignalled || exit.signal !== null)) {
			await sleep(lookEvery);
			left = membersOf(child.pid);
		}
		if (this.#asked !== undefined && exit.code === 0 && !tells) {
			// dash can miss a signal while it starts a program: then the line went on without what the signal ended.
			return { code: null, signal: this.#asked };
		}
		return left.length === 0 ? exit : { ...exit, left };
	}
}
