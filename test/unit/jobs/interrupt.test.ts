import test, { type ExecutionContext } from 'ava';
import { onInterrupt } from '../../../src/jobs/interrupt.ts';

function told(t: ExecutionContext, signals: readonly NodeJS.Signals[], manager: string | undefined): string[] {
	const before = process.env['SLURM_JOB_ID'];
	if (manager === undefined) {
		delete process.env['SLURM_JOB_ID'];
	} else {
		process.env['SLURM_JOB_ID'] = manager;
	}
	t.teardown(() => {
		delete process.env['SLURM_JOB_ID'];
		Object.assign(process.env, before === undefined ? {} : { SLURM_JOB_ID: before });
	});
	const asked: string[] = [];
	const stop = (signal?: NodeJS.Signals) => void asked.push(signal ?? '');
	const interrupts = onInterrupt({ stop, warn: () => {}, running: 1 }, () => {});
	for (const signal of signals) {
		process.emit(signal, signal);
	}
	interrupts.end();
	return asked;
}

test.serial('a second SIGTERM kills, but for one that a scheduler has sent to all and a shell passed on', (t) => {
	t.deepEqual(told(t, ['SIGTERM', 'SIGTERM'], undefined), ['SIGTERM', 'SIGKILL']);
	t.deepEqual(told(t, ['SIGTERM', 'SIGTERM'], '7'), ['SIGTERM']);
	t.deepEqual(told(t, ['SIGTERM', 'SIGINT'], '7'), ['SIGTERM', 'SIGKILL']);
});
