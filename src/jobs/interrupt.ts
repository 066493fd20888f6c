import type { ExitCode } from '../core/errors.ts';
import { exitCodes } from '../core/errors.ts';
import { isPassedOn } from '../core/passed-on.ts';
import { isIgnored, takeWarnings } from '../core/signals.ts';

/** What can be stopped in two stages, and warned of it. */
export interface Stoppable {
	stop(signal?: NodeJS.Signals): void;
	warn(signal: NodeJS.Signals): void;
	readonly running: number;
}

/** What signals have asked for. */
export interface Interrupts {
	/** The exit code that the first of them asks for. */
	exitCode(): ExitCode | undefined;
	/** Whether the time was said to be nearly over, which asks for another start where something is left to do. */
	isWarned(): boolean;
	/** Ends the listening. */
	end(): void;
}

const asking = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const warning = ['SIGUSR1', 'SIGUSR2'] as const;

/**
 * Ctrl-C once: nothing new starts, and what runs is asked to end by the same signal; twice: it is killed. SIGTERM and
 * SIGHUP count too. SIGUSR1 and SIGUSR2 are passed on to what handles them.
 */
export function onInterrupt(target: Stoppable, say: (text: string) => void): Interrupts {
	let code: ExitCode | undefined;
	let asked = 0;
	let isWarned = false;
	const ask = (signal: NodeJS.Signals): void => {
		if (code === undefined) {
			asked = performance.now();
			code = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
			say(`stopping: ${target.running} running asked to end; once more kills them`);
			target.stop(signal);
		} else if (signal !== 'SIGHUP' && !isPassedOn(signal, asked)) {
			// A session that ends sends SIGHUP beside SIGTERM: only the others are impatience.
			say(`killing ${target.running} running`);
			target.stop('SIGKILL');
		}
	};
	const warn = (signal: NodeJS.Signals): void => {
		if (!isWarned) {
			say(`${signal}: nothing new starts; ${target.running} running told, if they handle it`);
		}
		isWarned = true;
		target.warn(signal);
	};
	const listeners = [
		...asking.filter((name) => !isIgnored(name)).map((name) => [name, ask] as const),
		...warning.map((name) => [name, warn] as const),
	];
	for (const [name, listener] of listeners) {
		process.on(name, listener);
	}
	takeWarnings().forEach(warn);
	const end = (): void => {
		for (const [name, listener] of listeners) {
			process.off(name, listener);
		}
	};
	return { exitCode: () => code, isWarned: () => isWarned, end };
}
