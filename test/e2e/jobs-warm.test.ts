import { renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runDifference } from '../../bench/run-difference.ts';
import { JobsWorld, until } from './jobs-world.ts';
import { json, root } from './programs.ts';

const config = `train.model = 'mlp'
train.dataset = 'blobs'
training_loop.n_epochs = 2
model_checkpoint.monitor = 'valid/accuracy'
device.threads = 1
`;
const train = (name: string, ...rest: string[]) => [join(root, 'bin/train.ts'), name, 'tiny.gin', ...rest].join(' ');

// Other than itself in every respect, so that whatever stayed behind would show.
const jobs = {
	dropout: train('dropout', '-b', "'train.seed=1#mlp.dropout=0.3'"),
	cnn: train('cnn', '-b', "\"train.model='simple_cnn'#train.dataset='digits'#training_loop.limit_train_batches=3\""),
	bad: train('bad', '-b', 'nonsense.x=1'),
	diverged: train('diverged', '-b', "'adam.learning_rate=1e30'"),
	again: train('again', '-b', "'train.seed=1#mlp.dropout=0.3'"),
	evaluated: `${join(root, 'bin/evaluate.ts')} dropout`,
	plugged: [join(root, 'bin/train.ts'), 'plugged', 'plugged.gin'].join(' '),
	last: train('last', '-b', 'train.seed=2'),
};
const runs = ['dropout', 'cnn', 'diverged', 'again', 'plugged', 'last'];
const plugin = `
import { Callback, callback } from 'gimlet';
import { z } from 'zod';
@callback('shouter', z.object({}).describe('Says so.'))
export class Shouter extends Callback {
	override onRunStart() {
		process.env['LEFT_BEHIND'] = 'yes';
		process.on('SIGUSR2', () => {});
	}
}
`;

test.serial('warm workers write what a process per job writes, byte for byte, whatever ran before', async (t) => {
	const world = new JobsWorld(t, ['set -u', ...Object.values(jobs)]);
	world.write(world.lines('batch.sh'), {
		'tiny.gin': config,
		'shouter.ts': plugin,
		'plugged.gin': `import './shouter.ts'\n${config}train.callbacks = [@shouter()]\n`,
	});
	t.timeout(600_000);
	for (const workers of ['warm', 'cold']) {
		const { code, stderr } = await world.jobs('run', '-j', '1', '--workers', workers);
		t.is(code, 1, stderr);
		t.deepEqual(world.standings(), ['ok', 'ok', 'failed', 'failed', 'ok', 'ok', 'ok', 'ok'], stderr);
		for (const name of [...runs, 'batch.sh.jobs']) {
			renameSync(world.path(name), world.path(`${workers}-${name}`));
		}
	}
	const pids = runs.map((name) => json(world.path(`warm-${name}`), 'meta.json')['pid']);
	t.deepEqual(
		pids.map((pid) => pids.indexOf(pid)),
		[0, 0, 0, 0, 0, 5],
		'one process, until the plug-in cost its life',
	);
	for (const name of runs) {
		t.deepEqual(runDifference(world.path(`warm-${name}`), world.path(`cold-${name}`)), [], name);
	}
	// What the jobs have printed is in a file each, and the same.
	const logs = (kind: string) => world.path(`${kind}-batch.sh.jobs`, 'logs');
	t.deepEqual(runDifference(logs('warm'), logs('cold')), []);
});

test.serial('a worker that is killed costs its job one attempt, and the others none', async (t) => {
	const world = new JobsWorld(
		t,
		[1, 2, 3].map((seed) => train(`run${seed}`, '-b', `train.seed=${seed}`)),
	);
	world.write(world.lines('batch.sh').with(1, train('run2', '-b', 'training_loop.n_epochs=100')), {
		'tiny.gin': config,
	});
	const running = world.start('run', '-j', '1', '--workers', 'warm', '--retries', '1');
	await until('an epoch of run2 is over', 60, () => world.lines('run2', 'history.csv').length > 2);
	process.kill(Number(json(world.path('run2'), 'meta.json')['pid']), 'SIGKILL');
	const { exitCode, stderr } = await running;
	t.is(exitCode, 0, String(stderr));
	t.deepEqual(
		world.names('logs').map((name) => /-(run\d).*\.(\d+)\.log$/u.exec(name)?.slice(1).join(' ')),
		['run1 1', 'run2 1', 'run2 2', 'run3 1'],
	);
	const sessions = json(world.path('run2'), 'meta.json')['sessions'] as unknown[];
	t.is(sessions.length, 2);
	t.is(json(world.path('run2'), 'status.json')['state'], 'finished');
});

test.serial('other workers than cold and warm are refused', async (t) => {
	const world = new JobsWorld(t, ['true']);
	const { code, stderr } = await world.jobs('run', '--workers', 'hot');
	t.is(code, 2);
	t.regex(stderr, /--workers hot: allowed are cold and warm/u);
});
