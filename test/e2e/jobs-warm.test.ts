import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { JobsWorld, until } from './jobs-world.ts';
import { json, root, withoutTimes } from './programs.ts';

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
		const [warm, cold] = ['warm', 'cold'].map((workers) => world.path(`${workers}-run${seed}`)) as [string, string];
		t.deepEqual(namesIn(warm), namesIn(cold));
		for (const name of namesIn(warm).filter((one) => exact.test(one))) {
			t.true(readFileSync(join(warm, name)).equals(readFileSync(join(cold, name))), `${name} of run${seed}`);
		}
		t.deepEqual(json(warm, 'identity.json')['engine'], json(cold, 'identity.json')['engine']);
		t.is(withoutTimes(join(warm, 'history.csv')), withoutTimes(join(cold, 'history.csv')));
		for (const name of ['stdout.txt', 'stderr.txt', 'meta.json']) {
			t.is(timeless(join(warm, name)), timeless(join(cold, name)), `${name} of run${seed}`);
		}
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

// Neither a clock nor a process number is in these; what identity.json says of the sources may change meanwhile.
const exact =
	/^(?:command\.sh|config\.gin|operative\.json|data\.json|model\.(?:json|txt)|summary\.json|.*weights\.safetensors|evaluations\/.*|configs\/.*)$/u;

function namesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.map((name) => name.replace(/tfevents\.\d+/u, 'tfevents'))
		.sort();
}

function timeless(path: string): string {
	return readFileSync(path, 'utf8')
		.replace(/\d{4}-\d\d-\d\dT[\d:.+]+/gu, 'TIME')
		.replace(/pid"?:? \d+/gu, 'PID')
		.replace(/seconds": [\d.]+/gu, 'SECONDS')
		.replace(/ {2}[\d.]+ s$/gmu, '  SECONDS');
}
