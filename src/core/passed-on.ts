/** Milliseconds in which a second SIGTERM under a scheduler is the first one, passed on. */
const repeatedFor = 5000;

const managers = ['SLURM_JOB_ID', 'LSB_JOBID', 'GIMLET_JOB_KEY'];

/**
 * Whether a signal is the one that came before, in `performance.now()` of then: a scheduler tells every process of a job,
 * and then those in between pass it on. That is no impatience.
 */
export function isPassedOn(signal: NodeJS.Signals, before: number): boolean {
	const isManaged = managers.some((name) => process.env[name] !== undefined);
	return isManaged && signal === 'SIGTERM' && performance.now() - before < repeatedFor;
}
