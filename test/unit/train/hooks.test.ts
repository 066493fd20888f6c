import test from 'ava';
import { EnvironmentError, GimletError, RefusedError } from '../../../src/core/errors.ts';
import { Callback } from '../../../src/train/contracts/callback.ts';
import { Hooks, keyed } from '../../../src/train/hooks.ts';

class Plain extends Callback {}

class Logger extends Callback {
	override readonly essential = false;
}

const fails = (error: Error) => () => {
	throw error;
};

test('what a callback throws names it and the hook; an error with words of its own keeps them', async (t) => {
	const hooks = new Hooks(keyed([{ name: 'plain', callback: new Plain() }]), () => t.fail());
	await t.throwsAsync(hooks.run('onBatchEnd', fails(new TypeError('x is undefined'))), {
		instanceOf: GimletError,
		message: 'The callback plain failed in onBatchEnd: x is undefined',
	});
	const full = new EnvironmentError('disk', 'the disk is full');
	t.is(await t.throwsAsync(hooks.run('onBatchEnd', fails(full))), full);
});

test('what a logger throws is said once for each hook, and training goes on', async (t) => {
	const said: string[] = [];
	const hooks = new Hooks(keyed([{ name: 'logger', callback: new Logger() }]), (text) => void said.push(text));
	for (const hook of ['onBatchEnd', 'onBatchEnd', 'onRunEnd']) {
		await hooks.run(hook, fails(new EnvironmentError('disk', 'the disk is full')));
	}
	t.is(said.length, 2);
	t.regex(said[0]!, /logger failed in onBatchEnd .*the disk is full/u);
	await t.throwsAsync(hooks.run('onBatchEnd', fails(new RefusedError('run.lease_lost', 'lost'))), { message: 'lost' });
});

test('in a folder that is no longer ours no callback is called, not even at the end', async (t) => {
	const called: string[] = [];
	const lost = new RefusedError('run.lease_lost', 'lost');
	const callbacks = keyed([
		{ name: 'plain', callback: new Plain() },
		{ name: 'logger', callback: new Logger() },
	]);
	const hooks = new Hooks(callbacks, () => t.fail(), fails(lost));
	const call = () => void called.push('called');
	for (const run of [
		() => hooks.run('onBatchEnd', call),
		() => hooks.runAll('onRunEnd', call),
		() => hooks.together('onSaving', call),
		async () => hooks.through('onGradients', 1, (_, value) => value + Number(call())),
	]) {
		t.is(await t.throwsAsync(run), lost);
	}
	t.deepEqual(called, []);
});
