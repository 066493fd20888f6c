/** The signals by which a cluster can tell a task that its time is nearly over. */
export const warningSignals = ['SIGUSR1', 'SIGUSR2', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const;

export type WarningSignal = (typeof warningSignals)[number];

/** `USR1`, as schedulers and shells write it. */
export function shortName(signal: WarningSignal): string {
	return signal.slice('SIG'.length);
}
