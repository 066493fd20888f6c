import { spawnSync } from 'node:child_process';

export interface Answer {
	/** Undefined where there is no such program. */
	readonly code: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Question {
	readonly input?: string;
	readonly env?: NodeJS.ProcessEnv;
}

/** Asks one of a scheduler's programs; at most half a minute, after which the code is 124. */
export function ask(program: string, args: readonly string[], { input, env }: Question = {}): Answer {
	const { status, stdout, stderr, error } = spawnSync(program, args, {
		encoding: 'utf8',
		timeout: 30_000,
		maxBuffer: 1 << 28,
		...(input === undefined ? {} : { input }),
		...(env === undefined ? {} : { env }),
	});
	const { code } = (error ?? {}) as NodeJS.ErrnoException;
	if (code === 'ENOENT') {
		return { code: undefined, stdout: '', stderr: '' };
	}
	if (code === 'ETIMEDOUT') {
		return { code: 124, stdout: stdout ?? '', stderr: `${program} timed out` };
	}
	return { code: status ?? 1, stdout: stdout ?? '', stderr: (stderr ?? '').trim() };
}
