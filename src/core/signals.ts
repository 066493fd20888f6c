// Where a program was not started by launch.sh; later than there, but before anything else of it.
import './early-signals.cjs';

interface EarlySignals {
	/** The signals that the process was started without, as by `nohup`. */
	readonly ignored: ReadonlySet<string>;
	/** The warnings that have come since, each once; none is left behind. */
	take(): NodeJS.Signals[];
}

/** Warnings (SIGUSR1, SIGUSR2) that came while nobody else listened for them, since the very start of the process. */
export function takeWarnings(): NodeJS.Signals[] {
	return noted()?.take() ?? [];
}

/** Whether the process was started without a signal, as `nohup` does with SIGHUP: then it is not for us. */
export function isIgnored(signal: NodeJS.Signals): boolean {
	return noted()?.ignored.has(signal) ?? false;
}

// Only the main thread has any.
function noted(): EarlySignals | undefined {
	return (process as unknown as Record<symbol, EarlySignals | undefined>)[Symbol.for('gimlet.signals')];
}
