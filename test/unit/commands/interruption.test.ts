import { once } from 'node:events';
import test from 'ava';
import { Interruption } from '../../../src/commands/training/interruption.ts';

const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'];

function begin(): { readonly interruption: Interruption; readonly said: string[] } {
	const said: string[] = [];
	const interruption = new Interruption((text) => said.push(text), { signals, preemptible: false, afterStep() {} });
	interruption.listen();
	return { interruption, said };
}

const tell = (signal: NodeJS.Signals) => process.emit(signal, signal);

test.serial('SIGHUP ends a run like SIGTERM; a warning before or a SIGHUP after makes no difference', (t) => {
	for (const [first, code] of [
		['SIGHUP', 143],
		['SIGTERM', 143],
		['SIGINT', 130],
		['SIGUSR1', 75],
	] as const) {
		const { interruption, said } = begin();
		t.false(interruption.isUrgent());
		for (const signal of [first, 'SIGHUP', 'SIGUSR1'] as const) {
			tell(signal);
		}
		t.true(interruption.requested(0));
		t.is(interruption.exitCode, code);
		t.is(said.length, 1);
		interruption.stop();
	}
});

test.serial('a second SIGTERM ends at once, but not the one that a scheduler passes on', async (t) => {
	const { interruption } = begin();
	process.env['SLURM_JOB_ID'] = '7';
	tell('SIGTERM');
	tell('SIGTERM');
	delete process.env['SLURM_JOB_ID'];
	// It is sent again, for its usual meaning.
	const ended = once(process, 'SIGTERM');
	tell('SIGTERM');
	await ended;
	t.is(interruption.signal, 'SIGTERM');
	t.is(process.listenerCount('SIGINT'), 0);
});
