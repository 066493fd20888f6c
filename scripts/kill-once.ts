import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '../src/core/random.ts';
import { startTraining } from './start-training.ts';

/**
 * When a process is killed: at a random `instant` of its training, during `start`-up (of a continued run too), while a
 * checkpoint is being written (`saving`), at the `end` (the last row is written, the test is running), right before a
 * durable `write`, in the middle of one (`tear`), or after a `step`.
 */
export const kinds = ['instant', 'start', 'saving', 'end', 'write', 'tear', 'step'] as const;
export type Kind = (typeof kinds)[number] | 'none';

/** How long an uninterrupted run takes, in milliseconds, and what it writes. */
export interface Pace {
	/** Until it owns the folder. */
	readonly start: number;
	/** From then on until its end. */
	readonly held: number;
	/** From the last row of the history on. */
	readonly end: number;
	/** Durable writes. */
	readonly writes: number;
	/** Rows of the history. */
	readonly rows: number;
	/** Optimizer steps. */
	readonly steps: number;
}

export interface Ended {
	readonly killed: boolean;
	readonly code: number | null;
	/** What was tried. */
	readonly text: string;
	readonly stderr: string;
}

/** Trains, or continues, until the fault strikes or the run is done. */
export async function killOnce(run: string, config: string, kind: Kind, random: Stream, pace: Pace): Promise<Ended> {
	// Small numbers are more likely, so that a run is killed several times before it gets to its end.
	const at = 1 + Math.floor((kind === 'step' ? pace.steps : pace.writes) * random.uniform() ** 2);
	const fault = { write: `kill@write=${at}`, tear: `tear@write=${at}`, step: `kill@step=${at}` }[kind as string];
	const child = startTraining(run, config, fault === undefined ? [] : ['--chaos', fault]);
	const wait = waiting(kind, run, child.process.pid!, random, pace);
	if (wait !== undefined) {
		let over = false;
		void child.ended.then(() => {
			over = true;
		});
		const delay = wait.delay();
		while (!over && wait.before?.() === false) {
			await sleep(2);
		}
		await Promise.race([sleep(delay), child.ended]);
		child.process.kill('SIGKILL');
	}
	const { code, signal } = await child.ended;
	return { killed: signal === 'SIGKILL', code, text: fault ?? kind, stderr: child.stderr() };
}

/** Whether the process `pid` owns the folder. */
export function ownsFolder(run: string, pid: number): boolean {
	try {
		return (JSON.parse(readFileSync(join(run, 'run.lock'), 'utf8')) as { pid: number }).pid === pid;
	} catch {
		return false;
	}
}

/** How many whole rows the history has. */
export function historyRows(run: string): number {
	try {
		return readFileSync(join(run, 'history.csv'), 'utf8').split('\n').length - 2;
	} catch {
		return 0;
	}
}

interface Waiting {
	/** What has to be the case before the delay begins. */
	before?(): boolean;
	/** Milliseconds. */
	delay(): number;
}

function waiting(kind: Kind, run: string, pid: number, random: Stream, pace: Pace): Waiting | undefined {
	const owns = () => ownsFolder(run, pid);
	switch (kind) {
		case 'instant':
			return { before: owns, delay: () => random.uniform() * pace.held };
		case 'start':
			return { delay: () => random.uniform() * pace.start * 1.3 };
		case 'saving':
			return { before: () => owns() && isSaving(run) && random.uniform() < 0.5, delay: () => random.uniform() * 10 };
		case 'end':
			return { before: () => owns() && historyRows(run) >= pace.rows, delay: () => random.uniform() * pace.end };
		default:
			return undefined;
	}
}

function isSaving(run: string): boolean {
	try {
		return readdirSync(join(run, 'checkpoints')).some((name) => name.endsWith('.tmp'));
	} catch {
		return false;
	}
}
