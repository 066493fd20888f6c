import { spawnSync } from 'node:child_process';
import { EnvironmentError } from '../../core/errors.ts';

export interface Answer {
	/** Undefined where there is no such program. */
	readonly code: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
}

/** Asks one of a scheduler's programs; at most half a minute. */
export function ask(program: string, args: readonly string[], input?: string): Answer {
	const { status, stdout, stderr, error } = spawnSync(program, args, {
		encoding: 'utf8',
		timeout: 30_000,
		maxBuffer: 1 << 28,
		...(input === undefined ? {} : { input }),
	});
	const { code } = (error ?? {}) as NodeJS.ErrnoException;
	if (code === 'ENOENT') {
		return { code: undefined, stdout: '', stderr: '' };
	}
	if (code === 'ETIMEDOUT') {
		throw new EnvironmentError('jobs.scheduler', `${program} does not answer.`);
	}
	return { code: status ?? 1, stdout: stdout ?? '', stderr: (stderr ?? '').trim() };
}
