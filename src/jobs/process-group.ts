import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { lives, type ProcessMark } from './place.ts';

/** A process of a group, for a person. */
export interface Member {
	readonly pid: number;
	/** Its program. */
	readonly name: string;
}

/** Signals a process group that this process made; one that is gone is fine. */
export function signalGroup(group: number | undefined, name: NodeJS.Signals): void {
	if (group !== undefined) {
		send(-group, name);
	}
}

/**
 * Signals those processes of a group that handle the signal: any other would die of it. Whoever was told before, and when
 * (in milliseconds), is in `told`: a program that is told again before it has acted may begin to act again. Where the
 * system does not tell who handles what (it has no /proc), nobody is signalled.
 */
export function warnGroup(group: number, name: NodeJS.Signals, told: Map<number, number>): void {
	const bit = 1n << BigInt(constants.signals[name] - 1);
	for (const { pid } of membersOf(group)) {
		const caught = /^SigCgt:\s*([0-9a-f]+)/mu.exec(read(`/proc/${pid}/status`))?.[1] ?? '0';
		const isDue = performance.now() - (told.get(pid) ?? Number.NEGATIVE_INFINITY) > toldAgainAfter;
		if (isDue && (BigInt(`0x${caught}`) & bit) !== 0n) {
			told.set(pid, performance.now());
			send(pid, name);
		}
	}
}

const toldAgainAfter = 10_000;

/** The living processes of a group; a zombie has ended. */
export function membersOf(group: number): Member[] {
	try {
		process.kill(-group, 0);
	} catch (error) {
		// Whoever may not signal it cannot be ours, but lives.
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
			return [];
		}
	}
	const processes = processNumbers();
	return processes === undefined
		? [{ pid: group, name: '' }]
		: processes.flatMap((pid) => {
				const [, name = '', state = 'X', of] = /\((.*)\) (\S) \d+ (\d+) /su.exec(read(`/proc/${pid}/stat`)) ?? [];
				return Number(of) === group && !/[ZX]/u.test(state) ? [{ pid, name }] : [];
			});
}

/** A process that is left of the group which a process led; undefined where all have ended. */
export function survivorOf(leader: ProcessMark): number | undefined {
	if (lives(leader)) {
		return leader.pid;
	}
	const members = membersOf(leader.pid);
	// The number of a leader is free for others only when its group is gone.
	return members.some(({ pid }) => pid === leader.pid) ? undefined : members[0]?.pid;
}

function processNumbers(): number[] | undefined {
	try {
		return readdirSync('/proc')
			.filter((name) => /^\d+$/u.test(name))
			.map(Number);
	} catch {
		return undefined;
	}
}

function send(target: number, name: NodeJS.Signals): void {
	try {
		process.kill(target, name);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
			throw error;
		}
	}
}

function read(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
