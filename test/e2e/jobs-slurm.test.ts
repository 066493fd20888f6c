import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { JobsWorld, until } from './jobs-world.ts';
import { json, root, tiny, weights, withoutTimes } from './programs.ts';
import { cluster } from './slurm-cluster.ts';

const { env, isHere, call, fail, crashDaemon, boot } = cluster('/tmp/gimlet-slurm-test', 16917);
const train = join(root, 'bin/train.ts');
const slurm = isHere ? test.serial : test.serial.skip;

if (!isHere) {
	test('a real Slurm', (t) => {
		t.log('no cluster can be started here: these tests are skipped');
		t.pass();
	});
}

// Counts to a number, a line each; told by USR1 to stop, it saves where it is and asks to be run again.
const counter = `#!/usr/bin/env bash
name=$1 end=$2 pause=$3
i=$(cat "$name.saved" 2>/dev/null || echo 0)
trap 'echo "$i" >"$name.saved"; exit 75' USR1
echo "$SLURMD_NODENAME" >>"$name.nodes"
while [ "$i" -lt "$end" ]; do
	i=$((i + 1))
	echo "$i" >>"$name.out"
	[ -z "$4" ] || echo "$i" >"$name.saved"
	sleep "$pause"
done
`;

slurm('an array of 8, two at a time; the failed task is retried alone', async (t) => {
	const lines = [0, 1, 2, 3, 4, 5, 6, 7].map(
		(n) =>
			`sh -c 'date +%s.%N >${n}.begin; sleep 0.4; test ${n} != 3 -o -e repaired; c=$?; date +%s.%N >${n}.end; exit $c'`,
	);
	const world = new JobsWorld(t, lines, env);
	const { code, stdout } = await world.jobs('submit', '--max-running', '2');
	t.is(code, 0);
	t.regex(stdout, /^\d+$/u);
	await settled(world);
	t.deepEqual(
		world.standings(),
		lines.map((_, n) => (n === 3 ? 'failed' : 'ok')),
	);
	t.true(mostAtOnce(world, 8) <= 2);
	t.is((await world.jobs('status')).code, 1);
	writeFileSync(world.path('repaired'), '');
	t.regex((await world.jobs('retry', '--failed')).stderr, /submitted 1 job in 1 task/u);
	await settled(world);
	t.true(world.standings().every((standing) => standing === 'ok'));
	t.is(world.names('logs').length, 9);
});

slurm('warned before its time limit, a training saves its state, is requeued alone and ends exactly', async (t) => {
	t.timeout(600_000);
	const world = training(t, ['./count b 60 0.1']);
	await whole(t, world);
	const { stdout: id } = await world.jobs('submit');
	await until('it trains', 120, () => world.lines('run', 'history.csv').length > 4);
	call('scancel', '--batch', '--signal=USR1', `${id}_0`);
	await until('it was requeued and began again', 120, () => sessions(world).length === 2);
	await settled(world);
	t.deepEqual(world.standings(), ['ok', 'ok']);
	sameRun(t, world);
	t.deepEqual(
		world.lines('b.out'),
		Array.from({ length: 60 }, (_, index) => String(index + 1)),
	);
	t.is(world.lines('b.nodes').length, 1);
	t.deepEqual(
		world.names('history').map((name) => world.lines('batch.sh.jobs/history', name).length),
		[2, 1],
	);
});

slurm('suspended is said; cancelled by hand is cancelled, whichever process dies first', async (t) => {
	const world = new JobsWorld(
		t,
		[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `sleep 30${n}`),
		env,
	);
	const { stdout: id } = await world.jobs('submit');
	await until('all run', 120, () => world.standings().every((one) => one === 'running'));
	call('scontrol', 'suspend', `${id}_0`);
	await until('it is suspended', 60, () => world.standings()[0] === 'suspended');
	call('scontrol', 'resume', `${id}_0`);
	await until('it goes on', 60, () => world.standings()[0] === 'running');
	// Cancelled while it is being resumed, a task is killed without a signal before.
	await sleep(2000);
	call('scancel', id);
	await until('all are gone', 60, () => world.names('leases').length === 0);
	await until('Slurm says so', 60, () => world.standings().every((one) => one === 'cancelled'));
	t.is(world.names('ended').length, 8);
	t.regex((await world.jobs('status')).stdout, /SIGTERM.*8 cancelled/su);
});

const slow = isHere && process.env['GIMLET_PROVE'] !== undefined ? test.serial : test.serial.skip;

slow('a node is lost in the middle of a training: it goes on elsewhere and ends exactly', async (t) => {
	t.timeout(600_000);
	const world = training(t);
	await whole(t, world);
	const { stdout: id } = await world.jobs('submit', '--stale', '3');
	await until('it trains', 120, () => world.lines('run', 'history.csv').length > 4);
	const node = execFileSync('squeue', ['-h', '-o', '%N', '-j', `${id}_0`], { encoding: 'utf8' }).trim();
	fail(node);
	await until('it began again', 120, () => sessions(world).length === 2);
	await settled(world);
	t.deepEqual(world.standings(), ['ok']);
	sameRun(t, world);
	const hosts = sessions(world).map(({ host }) => host);
	t.is(hosts[0], node);
	t.not(hosts[1], node);
	boot();
});

slow('preempted by a more important job, a training is requeued and ends exactly', async (t) => {
	t.timeout(600_000);
	const world = training(t);
	await whole(t, world);
	const { stdout: id } = await world.jobs(
		'submit',
		'--partition',
		'grace',
		'--line',
		'#SBATCH --exclusive',
		'--stale',
		'3',
	);
	await until('it trains', 120, () => world.lines('run', 'history.csv').length > 4);
	const node = execFileSync('squeue', ['-h', '-o', '%N', '-j', `${id}_0`], { encoding: 'utf8' }).trim();
	call('sbatch', '-p', 'high', '-w', node, '--exclusive', '--output=/dev/null', '--wrap', 'sleep 2');
	await until('it began again', 180, () => sessions(world).length === 2);
	await settled(world);
	t.deepEqual(world.standings(), ['ok']);
	sameRun(t, world);
});

slurm('where scontrol cannot requeue, status --resubmit brings the job back', async (t) => {
	const world = counting(t, ['a 40 0.1']);
	const stub = world.path('scontrol');
	writeFileSync(stub, '#!/bin/sh\nexit 1\n');
	chmodSync(stub, 0o755);
	const path = `${world.folder}:${process.env['PATH']}`;
	const { stdout: id } = await world.jobs('submit', '--line', `#SBATCH --export=ALL,PATH=${path}`);
	await until('a counts', 120, () => world.lines('a.out').length > 5);
	call('scancel', '--batch', '--signal=USR1', `${id}_0`);
	await until('a has stopped', 120, () => world.standings()[0] === 'again');
	t.regex((await world.jobs('status', '--resubmit')).stderr, /submitted 1 job/u);
	await settled(world);
	t.deepEqual(world.standings(), ['ok']);
	t.is(world.lines('a.out').length, 40);
});

slurm('a node is lost: the job runs again elsewhere', async (t) => {
	const world = counting(t, ['a 60 0.1 always']);
	await world.jobs('submit', '--stale', '3');
	await until('a counts', 120, () => world.lines('a.out').length > 5);
	const [node] = world.lines('a.nodes');
	fail(node!);
	await settled(world);
	t.deepEqual(world.standings(), ['ok']);
	t.is(world.lines('a.nodes').length, 2);
	t.is(world.lines('a.out').at(-1), '60');
	boot();
});

slurm('a job that lives on after its node was given up is not run beside itself', async (t) => {
	const world = counting(t, ['a 120 0.1']);
	await world.jobs('submit', '--stale', '3');
	await until('a counts', 120, () => world.lines('a.out').length > 5);
	const [node] = world.lines('a.nodes');
	crashDaemon(node!);
	call('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test');
	await until('the second task waits for the first', 120, () => taskLogs(world).includes('someone else is at it'));
	t.true(world.lines('a.out').length < 120);
	await until('it has seen the end of the first', 120, () => taskLogs(world).includes('finished before'));
	t.deepEqual(
		world.lines('a.out'),
		Array.from({ length: 120 }, (_, index) => String(index + 1)),
	);
	t.is(world.lines('a.nodes').length, 1);
	boot();
});

slurm('an array above the limit is split, several lines go into a task, and cancel takes them back', async (t) => {
	const world = new JobsWorld(
		t,
		Array.from({ length: 14 }, (_, n) => `echo ${n} >>seen.${n}; sleep ${n > 9 ? 30 : 0}`),
		env,
	);
	const { stdout, stderr } = await world.jobs('submit', '--max-array', '3', '--per-task', '2');
	t.is(stdout.split('\n').length, 3, stderr);
	await until('the short ones have ended', 120, async () =>
		world
			.standings()
			.slice(0, 10)
			.every((one) => one === 'ok'),
	);
	t.regex((await world.jobs('cancel')).stderr, /cancelled 4/u);
	await until('all are gone', 120, () =>
		world
			.standings()
			.slice(10)
			.every((one) => one === 'cancelled'),
	);
	t.regex((await world.jobs('status', '--resubmit')).stderr, /nothing to do/u);
	t.deepEqual(
		Array.from({ length: 10 }, (_, n) => world.lines(`seen.${n}`)),
		Array.from({ length: 10 }, (_, n) => [String(n)]),
	);
});

slurm('a wrong partition and a log folder that cannot be written are told', async (t) => {
	const world = new JobsWorld(t, ['true'], env);
	const wrong = await world.jobs('submit', '--partition', 'mian');
	t.is(wrong.code, 2, wrong.stderr);
	t.regex(wrong.stderr, /"mian".*Did you mean "main"\?.*grace/u);
	await world.jobs('submit', '--line', '#SBATCH --output=/no/such/folder/%A.log');
	await until('it has failed', 120, () => world.standings()[0] === 'failed');
	t.regex((await world.jobs('status')).stdout, /can it write to the folder of the logs/u);
});

// A training of some seconds, which saves its state after every epoch.
function training(t: ExecutionContext, others: readonly string[] = []): JobsWorld {
	const world = new JobsWorld(t, [`${train} run tiny.gin`, ...others], env);
	world.write(world.lines('batch.sh'), {
		'tiny.gin': tiny.replace(/n_epochs = \d+/u, 'n_epochs = 60'),
		count: counter,
	});
	chmodSync(world.path('count'), 0o755);
	return world;
}

/** The same training, without interruption. */
async function whole(t: ExecutionContext, world: JobsWorld): Promise<void> {
	const { exitCode, stderr } = await execa(train, ['whole', 'tiny.gin'], { cwd: world.folder, reject: false });
	t.is(exitCode, 0, String(stderr));
}

function sessions(world: JobsWorld): Array<{ readonly host: string }> {
	return existsSync(world.path('run/meta.json')) ? (json(world.path('run'), 'meta.json')['sessions'] as never) : [];
}

function sameRun(t: ExecutionContext, world: JobsWorld): void {
	const [run, uninterrupted] = [world.path('run'), world.path('whole')];
	t.is(weights(run), weights(uninterrupted));
	t.is(weights(run, 'best'), weights(uninterrupted, 'best'));
	for (const table of ['history.csv', 'steps.csv']) {
		t.is(withoutTimes(join(run, table)), withoutTimes(join(uninterrupted, table)), table);
	}
	for (const file of ['summary.json', 'eval/test@best.json', 'data.json', 'config.gin']) {
		t.is(readFileSync(join(run, file), 'utf8'), readFileSync(join(uninterrupted, file), 'utf8'), file);
	}
	t.is(json(run, 'status.json')['state'], 'finished');
}

function counting(t: ExecutionContext, jobs: readonly string[], setup: readonly string[] = []): JobsWorld {
	const world = new JobsWorld(t, [...setup, ...jobs.map((job) => `./count ${job}`)], env);
	writeFileSync(world.path('count'), counter);
	chmodSync(world.path('count'), 0o755);
	return world;
}

async function settled(world: JobsWorld): Promise<void> {
	await until('nothing is queued or running', 120, () => {
		const active = new Set(['queued', 'running', 'again', 'lost', 'not run']);
		return world.standings().every((standing) => !active.has(standing));
	});
}

function mostAtOnce(world: JobsWorld, count: number): number {
	const events = Array.from({ length: count }, (_, n) => [
		{ at: Number(world.lines(`${n}.begin`)[0]), step: 1 },
		{ at: Number(world.lines(`${n}.end`)[0]), step: -1 },
	])
		.flat()
		.sort((a, b) => a.at - b.at);
	let now = 0;
	return Math.max(...events.map(({ step }) => (now += step)));
}

function taskLogs(world: JobsWorld): string {
	return world
		.names('submissions/1')
		.filter((name) => name.startsWith('task-'))
		.flatMap((name) => world.lines('batch.sh.jobs/submissions/1', name))
		.join('\n');
}
