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
const seeds = [1, 2, 3, 4, 5, 6];

test.serial('warm workers write what a process per job writes, byte for byte, past a job that fails', async (t) => {
	const lines = seeds.map((seed) => train(`run${seed}`, '-b', `train.seed=${seed}`));
	const world = new JobsWorld(t, lines.toSpliced(3, 0, train('bad', '-b', 'nonsense.x=1')));
	world.write(world.lines('batch.sh'), { 'tiny.gin': config });
	for (const workers of ['warm', 'cold']) {
		const { code, stderr } = await world.jobs('run', '-j', '1', '--workers', workers);
		t.is(code, 1, stderr);
		t.deepEqual(world.standings(), ['ok', 'ok', 'ok', 'failed', 'ok', 'ok', 'ok']);
		for (const name of [...seeds.map((seed) => `run${seed}`), 'batch.sh.jobs']) {
			renameSync(world.path(name), world.path(`${workers}-${name}`));
		}
	}
	const pids = seeds.map((seed) => json(world.path(`warm-run${seed}`), 'meta.json')['pid']);
	t.is(new Set(pids).size, 1, 'all warm runs are of one process');
	for (const seed of seeds) {
		t.deepEqual(runDifference(world.path(`warm-run${seed}`), world.path(`cold-run${seed}`)), [], `run${seed}`);
	}
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
