import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { JobsWorld } from './jobs-world.ts';
import { root, scratch } from './programs.ts';

const place = scratch();
test.after.always(() => place.remove());

const folder = join(root, 'configs/device');
const profiles = readdirSync(folder).map((name) => name.replace(/\.gin$/u, ''));

test('every profile is sound, and says what the programs do with it', async (t) => {
	t.deepEqual(profiles.sort(), ['local_cpu', 'lsf', 'slurm_cpu', 'slurm_gpu']);
	const files = profiles.map((name) => join(folder, `${name}.gin`));
	const checks = await Promise.all(files.map((file) => place.run('config', 'check', file)));
	t.deepEqual(
		checks,
		files.map(() => ({ code: 0, out: '', err: '' })),
	);
});

test('a profile decides, -b changes it, an option wins; a list runs by one too', async (t) => {
	const world = new JobsWorld(t, ['echo one']);
	const gpu = await world.jobs('submit', '--dry-run', '--profile', 'slurm_gpu', '-b', "slurm.time='2h'", '--cpus', '9');
	t.is(gpu.code, 0, gpu.stderr);
	for (const line of ['--time=2:00:00', '--gres=gpu:1', '--cpus-per-task=9', '--mem=16G', '--array=0-0%8']) {
		t.true(gpu.stdout.includes(`#SBATCH ${line}\n`), line);
	}
	const lsf = await world.jobs('submit', '--dry-run', '--profile', 'lsf', '-b', "lsf.queue='short'");
	t.regex(lsf.stdout, /^#BSUB -q short$/mu);
	const { code, stderr } = await world.jobs('run', '--profile', 'local_cpu', '-b', 'local.jobs=3');
	t.is(code, 0);
	t.regex(stderr, /1 job to run, 3 at a time/u);
});

test('a mistake in a profile ends with 2 and the nearest name, before anything is written', async (t) => {
	const world = new JobsWorld(t, ['echo one']);
	const mistakes: ReadonlyArray<readonly [string[], RegExp]> = [
		[['--profile', 'slurm_cup'], /no profile "slurm_cup".*Did you mean "slurm_cpu"/su],
		[['--profile', 'slurm_cpu', '-b', "slurm.tiem='2h'"], /no parameter "tiem"\. Did you mean "time"/u],
		[['--profile', 'slurm_cpu', '-b', "slurm.time='soon'"], /slurm\.time expects a time/u],
		[['--profile', 'slurm_cpu', '-b', "slurm.cpus_per_task='many'"], /slurm\.cpus_per_task/u],
		[['--profile', 'local_cpu'], /local\.jobs has no effect/u],
	];
	const answers = await Promise.all(mistakes.map(([options]) => world.jobs('submit', '--dry-run', ...options)));
	for (const [index, { code, stderr }] of answers.entries()) {
		t.is(code, 2, stderr);
		t.regex(stderr, mistakes[index]![1]);
	}
	t.deepEqual(world.names('.'), []);
});
