import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells a process from every other one, also after its number has been given to another. */
export interface ProcessMark {
	readonly pid: number;
	/** When it began, in ticks since the machine started; empty where the system does not say. */
	readonly start: string;
}

/** Where process numbers mean the same: host, its boot and the process namespace. */
export function thisPlace(): string {
	place ??= [hostname(), read('/proc/sys/kernel/random/boot_id'), link('/proc/self/ns/pid')].join(' ');
	return place;
}

let place: string | undefined;

/** The mark of a living process of this place. */
export function markOf(pid: number): ProcessMark {
	return { pid, start: startOf(pid) ?? '' };
}

/** Whether that very process lives; only meaningful in the place where the mark was made. */
export function lives({ pid, start }: ProcessMark): boolean {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
			return false;
		}
	}
	const now = startOf(pid);
	return start === '' || now === undefined ? now !== undefined || process.platform !== 'linux' : now === start;
}

// Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets. A zombie does not live.
function startOf(pid: number): string | undefined {
	const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
	return fields[0] === 'Z' ? undefined : fields[19];
}

function read(path: string): string {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		return '';
	}
}

function link(path: string): string {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}
