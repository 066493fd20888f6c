import type { ExitCode } from '../core/errors.ts';
import { exitCodes } from '../core/errors.ts';

/** What can be stopped in two stages. */
export interface Stoppable {
	stop(signal?: NodeJS.Signals): void;
	readonly running: number;
}

const asked = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C once: nothing new starts, and what runs is asked to end; twice: it is killed. SIGTERM and SIGHUP count
 * too. Returns the exit code that the first signal asks for, and the function that ends the listening.
 */
export function onInterrupt(
	target: Stoppable,
	say: (text: string) => void,
): { readonly exitCode: () => ExitCode | undefined; readonly end: () => void } {
	let code: ExitCode | undefined;
	const listener = (signal: NodeJS.Signals): void => {
		if (code === undefined) {
			code = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
			say(`stopping: ${target.running} running asked to end; once more kills them`);
			target.stop(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
		} else {
			say(`killing ${target.running} running`);
			target.stop('SIGKILL');
		}
	};
	for (const signal of asked) {
		process.on(signal, listener);
	}
	const end = (): void => {
		for (const signal of asked) {
			process.off(signal, listener);
		}
	};
	return { exitCode: () => code, end };
}
