import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import test from 'ava';
import { execa } from 'execa';
import { JobsWorld, until } from './jobs-world.ts';

const many = (count: number, command: (n: number) => string): string[] =>
	Array.from({ length: count }, (_, n) => command(n));

test('a failing job is named with its log, the others finish; the next run repeats only it', async (t) => {
	const world = new JobsWorld(t, ['echo a', "sh -c 'echo sorry >&2; exit 3'", '', 'echo b']);
	const first = await world.jobs('run', '-j', '2');
	t.is(first.code, 1);
	const [, log] = /failed:\n {2}line 2 {2}exit 3 {2}(\S+\.log)\n/u.exec(first.stderr) ?? [];
	t.is(readFileSync(world.path(log!), 'utf8'), 'sorry\n');
	t.regex(first.stderr, /2 ok, 1 failed\n?$/u);
	// An edited list: the same two jobs are known as finished wherever they stand.
	world.write(['echo b', 'echo new', 'echo a']);
	const second = await world.jobs('run');
	t.is(second.code, 0);
	t.regex(second.stderr, /1 ok, 2 finished before/u);
	t.regex((await world.jobs('run')).stderr, /nothing to do: all 3 jobs are finished/u);
	t.is((await world.jobs('logs', '2')).stdout, 'new');
});

test('an empty list is nothing to do; a missing one is a mistake', async (t) => {
	const world = new JobsWorld(t, ['# no jobs yet', '']);
	const { code, stderr } = await world.jobs('run');
	t.is(code, 0);
	t.regex(stderr, /nothing to do/u);
	t.false(existsSync(world.path('batch.sh.jobs')));
	world.write(['for i in 1 2; do', 'echo $i', 'done']);
	t.is((await world.jobs('run')).code, 2);
	t.is((await world.jobs('run', '-j', '0')).code, 2);
	t.is((await world.jobs('run', '--only', '9')).code, 2);
	const missing = await execa(new URL('../../bin/jobs.ts', import.meta.url).pathname, ['run', world.path('none.sh')], {
		reject: false,
	});
	t.is(missing.exitCode, 2);
});

test('two runners on one list run each job once, and both know how it ended', async (t) => {
	const world = new JobsWorld(
		t,
		many(40, (n) => `echo ${n} >>seen; sleep ${n === 39 ? 3 : 0.05}; test ${n} != 7`),
	);
	const [a, b] = await Promise.all([world.jobs('run', '-j', '4'), world.jobs('run', '-j', '4')]);
	t.deepEqual(
		world.lines('seen').sort((x, y) => Number(x) - Number(y)),
		many(40, String),
	);
	t.deepEqual([a.code, b.code], [1, 1]);
	t.is(world.names('leases').length, 0);
});

test('a runner that joins does not repeat what has failed since the first one began', async (t) => {
	const world = new JobsWorld(t, ['echo 0 >>seen; false', 'until test -e go; do sleep 0.05; done; echo 1 >>seen']);
	const first = world.start('run', '-j', '2');
	await until('the failing job has ended', 60, () => world.names('ended').length === 1);
	const second = world.start('run', '-j', '2');
	await until('the second runner is at work', 60, () => world.names('runners').length === 2);
	world.write(world.lines('batch.sh').slice(0, 2), { go: '' });
	t.is((await first).exitCode, 1);
	t.is((await second).exitCode, 1);
	t.deepEqual(world.lines('seen'), ['0', '1']);
	t.is((await world.jobs('run')).code, 1);
	t.deepEqual(world.lines('seen'), ['0', '1', '0']);
});

test('kill -9 of a runner loses no job and runs none twice at a time', async (t) => {
	const world = new JobsWorld(
		t,
		many(12, (n) => `mkdir busy.${n} && sleep 0.5 && rmdir busy.${n} && echo ${n} >>seen`),
	);
	const runner = world.start('run', '-j', '2');
	await until('two jobs have ended', 30, () => world.lines('seen').length >= 2);
	runner.kill('SIGKILL');
	await runner;
	const { code, stderr } = await world.jobs('run', '-j', '4');
	t.is(code, 0, stderr);
	t.deepEqual([...new Set(world.lines('seen'))].length, 12);
	const attempts = world.names('history').flatMap((name) => world.lines('batch.sh.jobs/history', name));
	t.true(attempts.some((line) => line.includes('"lost"')));
});

test('Ctrl-C ends the own jobs and nothing else; the next run goes on', async (t) => {
	const unrelated = spawn('sleep', ['1000'], { stdio: 'ignore' });
	t.teardown(() => unrelated.kill());
	const world = new JobsWorld(t, [
		'echo quick >>seen',
		'test -e again || { echo begun >>seen; sleep 1000; }',
		'echo never >>late',
	]);
	const runner = world.start('run', '-j', '1');
	await until('the long job runs', 60, () => world.lines('seen').includes('begun'));
	runner.kill('SIGINT');
	const { exitCode, stderr } = await runner;
	t.is(exitCode, 130);
	t.regex(String(stderr), /1 ok, 1 interrupted, 1 not run/u);
	t.is(unrelated.exitCode, null);
	t.is(unrelated.signalCode, null);
	t.false(existsSync(world.path('late')));
	writeFileSync(world.path('again'), '');
	t.is((await world.jobs('run')).code, 0);
	t.deepEqual(world.lines('seen'), ['quick', 'begun']);
});

test('a second Ctrl-C kills what will not end, with all of its group', async (t) => {
	const world = new JobsWorld(t, [
		"trap 'echo asked >>seen' INT; (trap '' INT; sleep 1000) & echo $! >child; while :; do sleep 0.1; done",
	]);
	const runner = world.start('run');
	await until('it runs', 60, () => world.lines('child').length === 1);
	runner.kill('SIGINT');
	await until('it was asked', 60, () => world.lines('seen').length > 0);
	runner.kill('SIGINT');
	t.is((await runner).exitCode, 130);
	const child = Number(world.lines('child')[0]);
	await until('its own child is gone', 60, () => !readFileSafe(`/proc/${child}/stat`).match(/\) [RSD]/u));
	t.pass();
});

test('failures, time-outs and exit 75 have budgets of their own', async (t) => {
	const twice = (name: string, otherwise: string): string =>
		`echo >>${name}; test $(wc -l <${name}) -ge 3 || ${otherwise}`;
	const world = new JobsWorld(t, [twice('failing', 'exit 1'), twice('saving', 'exit 75'), twice('slow', 'sleep 1000')]);
	const first = await world.jobs('run', '-j', '3', '--retries', 'failure=1,timeout=2', '--timeout', '2s');
	t.is(first.code, 1);
	t.deepEqual([world.lines('failing').length, world.lines('saving').length, world.lines('slow').length], [2, 3, 3]);
	t.regex(first.stderr, /2 ok, 1 failed/u);
	t.is((await world.jobs('run', '--failed')).code, 0);
	t.is(world.names('logs').length, 9);
});

test('fail-fast starts nothing after a failure', async (t) => {
	const world = new JobsWorld(t, ['true', 'false', 'echo >late']);
	const { code, stderr } = await world.jobs('run', '-j', '1', '--fail-fast');
	t.is(code, 1);
	t.regex(stderr, /1 ok, 1 failed, 1 not run/u);
	t.false(existsSync(world.path('late')));
});

test('each slot sees its own GPU, each job its key and its setup', async (t) => {
	const world = new JobsWorld(t, [
		'export COLOUR=red',
		...many(6, (n) => `echo $CUDA_VISIBLE_DEVICES $COLOUR $GIMLET_JOB_ATTEMPT >${n}.out; sleep 0.2`),
	]);
	t.is((await world.jobs('run', '--gpus', '4,6')).code, 0);
	const seen = many(6, (n) => world.lines(`${n}.out`)[0]!);
	t.deepEqual([...new Set(seen)].sort(), ['4 red 1', '6 red 1']);
});

test('jobs side by side share the cores, unless told otherwise', async (t) => {
	const threads = async (slots: string, env: Record<string, string>) => {
		const world = new JobsWorld(t, ['printenv OMP_NUM_THREADS >out || echo all >out'], env);
		t.is((await world.jobs('run', '-j', slots)).code, 0);
		return world.lines('out')[0];
	};
	const cores = availableParallelism();
	t.is(await threads(`${2 * cores}`, {}), '1');
	t.is(await threads(`${Math.max(2, cores)}`, {}), '1');
	t.is(await threads('1', {}), 'all');
	t.is(await threads('2', { OMP_NUM_THREADS: '5' }), '5');
});

test('300 lines become an array 0-299 in which each task runs its own line', async (t) => {
	const world = new JobsWorld(
		t,
		many(300, (n) => `echo point ${n} >>seen`),
	);
	const bin = world.path('sbatch');
	writeFileSync(bin, '#!/bin/sh\necho 77\n');
	chmodSync(bin, 0o755);
	const env = { PATH: `${world.folder}:${process.env['PATH']}` };
	const program = new URL('../../bin/jobs.ts', import.meta.url).pathname;
	const { stdout } = await execa(program, ['submit', world.list, '--max-running', '20'], { cwd: world.folder, env });
	t.is(stdout, '77');
	const script = world.path('batch.sh.jobs/submissions/1/array.sbatch');
	t.true(readFileSync(script, 'utf8').includes('#SBATCH --array=0-299%20\n'));
	for (const index of [0, 2, 299, 2]) {
		await execa('bash', [script], { env: { SLURM_ARRAY_TASK_ID: String(index) } });
	}
	t.deepEqual(world.lines('seen'), ['point 0', 'point 2', 'point 299']);
	const { stderr } = await world.jobs('run', '--only', '1-3');
	t.regex(stderr, /1 ok, 2 finished before/u);
	const outside = await execa('bash', [script], { reject: false });
	t.not(outside.exitCode, 0);
});

test('a task script by hand: exit codes, several lines, a setup, quotes', async (t) => {
	const world = new JobsWorld(t, [
		"export A='x  y'",
		'echo "$A" >a',
		"printf '%s\\n' 'it'\\''s' >b",
		'sh -c "exit 4"',
		'echo "c\nd" >c',
	]);
	const bin = world.path('sbatch');
	writeFileSync(bin, '#!/bin/sh\necho 78\n');
	chmodSync(bin, 0o755);
	const env = { PATH: `${world.folder}:${process.env['PATH']}` };
	const program = new URL('../../bin/jobs.ts', import.meta.url).pathname;
	await execa(program, ['submit', world.list, '--per-task', '2'], { cwd: world.folder, env });
	const script = world.path('batch.sh.jobs/submissions/1/array.sbatch');
	const codes = [];
	for (const index of [0, 1]) {
		const { exitCode } = await execa('bash', [script], { env: { SLURM_ARRAY_TASK_ID: String(index) }, reject: false });
		codes.push(exitCode);
	}
	t.deepEqual(codes, [0, 1]);
	t.deepEqual([world.lines('a'), world.lines('b'), world.lines('c')], [['x  y'], ["it's"], ['c', 'd']]);
});

function readFileSafe(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
