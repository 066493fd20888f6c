import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { differences, outcomeOf } from '../../scripts/run-outcome.ts';
import { json, root, scratch, tiny, until } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const config = place.write(
	'tiny.gin',
	`${tiny}
train.callbacks = ['signal_in_evaluation', 'weight_average']
csv_logger.steps_every = '1 steps'
`,
);
const plugin = ['--plugin', join(root, 'test/fixtures/plugins/signal.ts')];

test.serial('a signal in a validation or in the test ends it at once, and the run continues exactly', async (t) => {
	t.is((await place.run('train', 'whole', config, ...plugin)).code, 0);
	const cut = async (signal: string) => {
		process.env['GIMLET_TEST_SIGNAL'] = signal;
		return (await place.run('train', 'cut', config, ...plugin)).code;
	};
	const rows = () => readFileSync(place.at('cut/history.csv'), 'utf8').trimEnd().split('\n').length - 1;
	t.is(await cut('3 SIGHUP'), 143);
	t.like(json(place.at('cut'), 'status.json'), { state: 'interrupted', reason: 'signal SIGHUP', epoch: 2, step: 18 });
	t.is(rows(), 2);
	t.is(await cut('2 SIGUSR1'), 75, 'the second evaluation of this process is the test');
	t.like(json(place.at('cut'), 'status.json'), { state: 'interrupted', epoch: 3 });
	t.is(rows(), 3);
	t.is(await cut(''), 0);
	t.deepEqual(differences(outcomeOf(place.at('whole')), outcomeOf(place.at('cut'))), []);
});

// Blocked, a signal waits for the first instant in which it could do harm.
const signalled = (command: string) =>
	execa('env', ['--block-signal=USR1', 'sh', '-c', `kill -USR1 $$; exec ${command}`], {
		cwd: place.folder,
		reject: false,
	});

const endless = `tiny.gin ${plugin.join(' ')} -b training_loop.n_epochs=100000`;

test('a warning at the very beginning of a program is not lost, and opens no debugger', async (t) => {
	const early = await signalled(`${root}/bin/train.ts early ${endless}`);
	t.is(early.exitCode, 75, early.stderr);
	t.notRegex(early.stderr, /[Dd]ebugger|inspector/u);
	t.is(json(place.at('early'), 'status.json')['state'], 'interrupted');
});

test('neither while Node starts, nor later', async (t) => {
	// The command that launch.sh ends with.
	const node = `node --require=${root}/src/core/early-signals.cjs --inspect-port=224.0.0.1:0 --inspect-publish-uid=http`;
	const show = `-e 'setTimeout(() => console.log(process[Symbol.for("gimlet.signals")].take(), require("inspector").url()), 200)'`;
	const { stdout, stderr } = await signalled(`${node} ${show}`);
	t.is(stdout, "[ 'SIGUSR1' ] undefined");
	t.is(stderr, '');
	const launch = readFileSync(join(root, 'scripts/launch.sh'), 'utf8');
	t.true(launch.includes('--inspect-port=224.0.0.1:0 --inspect-publish-uid=http'));
});

test('a runner passes a warning on, starts nothing more and asks for another start', async (t) => {
	place.write('list.sh', "trap 'exit 75' USR1; kill -USR1 $PPID; while :; do sleep 0.05; done\necho late >late\n");
	const { code, err } = await place.run('jobs', 'run', 'list.sh', '-j', '1');
	t.is(code, 75, err);
	t.regex(err, /SIGUSR1: nothing new starts.*1 to run again, 1 not run/su);
	t.notRegex(err, /[Dd]ebugger|inspector/u);
});

test('started by nohup, a run is not ended by SIGHUP', async (t) => {
	const started = execa('nohup', [join(root, 'bin/train.ts'), 'deaf', ...endless.split(' ')], {
		cwd: place.folder,
		reject: false,
	});
	await until(started as never, /epoch +2\//u);
	started.kill('SIGHUP');
	await sleep(200);
	started.kill('SIGUSR1');
	t.is((await started).exitCode, 75);
	t.like(json(place.at('deaf'), 'status.json'), { reason: 'signal SIGUSR1' });
});
