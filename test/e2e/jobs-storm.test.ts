import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { JobsWorld, until } from './jobs-world.ts';
import { json, root, tiny, weights, withoutTimes } from './programs.ts';
import { cluster } from './slurm-cluster.ts';

// How many trainings, and the seed of what happens to them.
const count = Number(process.env['GIMLET_STORM_JOBS'] ?? 200);
const seed = Number(process.env['GIMLET_STORM_SEED'] ?? 1);
const { env, isHere, call, fail, crashDaemon, boot } = cluster(
	'/tmp/gimlet-slurm-storm',
	17017,
	process.env['GIMLET_PROVE'] !== undefined,
);
const train = join(root, 'bin/train.ts');
const slow = isHere ? test.serial : test.serial.skip;

if (!isHere) {
	test('a storm over a real Slurm', (t) => {
		t.log('this takes half an hour, and a cluster: npm run prove:slurm');
		t.pass();
	});
}

slow(`${count} trainings through everything that happens on a cluster: each exactly once, and exactly`, async (t) => {
	t.timeout(7_200_000);
	const lines = Array.from({ length: count }, (_, n) => `${train} run${n} tiny.gin`);
	const world = new JobsWorld(t, lines, env);
	world.write(lines, { 'tiny.gin': tiny.replace(/n_epochs = \d+/u, 'n_epochs = 12') });
	const { exitCode, stderr } = await execa(train, ['whole', 'tiny.gin'], { cwd: world.folder, reject: false });
	t.is(exitCode, 0, String(stderr));
	await world.jobs('submit', '--max-running', '4', '--stale', '6');
	const log: string[] = [];
	const random = generator(seed);
	while (!isDone(world)) {
		const [name, happen] = events[Math.floor(random() * events.length)]!;
		log.push(`${name}: ${await attempted(() => happen(world, random))}`);
		await sleep(10_000);
		await world.jobs('status', '--resubmit');
		t.log(log.at(-1)!, counted(world));
		for (const { job, outcome } of world.surveyed().filter(({ standing }) => standing === 'failed')) {
			const name = `${job.name}.${outcome?.attempt}.log`;
			t.log(name, world.lines('batch.sh.jobs/logs', name).slice(-8).join('\n'));
		}
	}
	boot();
	await until('the queue is empty', 300, () => call('squeue', '-h').trim() === '');
	t.deepEqual(world.names('leases'), []);
	t.false(existsSync(world.path('batch.sh.jobs/submitting')));
	t.deepEqual(okCounts(world), Array(count).fill(1), log.join('\n'));
	for (let n = 0; n < count; n++) {
		const [run, whole] = [world.path(`run${n}`), world.path('whole')];
		t.is(weights(run), weights(whole), `run${n}`);
		t.is(weights(run, 'best'), weights(whole, 'best'), `run${n}`);
		for (const table of ['history.csv', 'steps.csv']) {
			t.is(withoutTimes(join(run, table)), withoutTimes(join(whole, table)), `run${n} ${table}`);
		}
		t.is(json(run, 'status.json')['state'], 'finished');
	}
});

type Event = (world: JobsWorld, random: () => number) => unknown;

const events: ReadonlyArray<readonly [string, Event]> = [
	['cancel', async (world, random) => world.jobs('cancel', '--only', someJobs(random))],
	['submit again', (world) => world.jobs('submit', '--max-running', '4', '--stale', '6')],
	['submit twice at once', (world) => Promise.all([world.jobs('submit'), world.jobs('submit')])],
	['requeue', (_, random) => call('scontrol', 'requeue', running(random))],
	['hold and release', (_, random) => holdAndRelease(running(random))],
	['suspend and resume', (_, random) => suspendAndResume(running(random))],
	['a node is lost', (_, random) => lose(random)],
	['a daemon of a node dies', (_, random) => crashDaemon(node(random))],
	['the controller is started again', restartController],
	['a storm of TERM', (_, random) => storm(running(random))],
	['TERM to a script', (_, random) => call('scancel', '--batch', '--signal=TERM', running(random))],
	['USR1', (_, random) => call('scancel', '--batch', '--signal=USR1', running(random))],
	['scancel', (_, random) => call('scancel', running(random))],
	['preempted', (_, random) => preempt(random)],
	['the list is edited', (world) => world.write(world.lines('batch.sh').reverse())],
	['somebody looks', (world) => Promise.all([world.jobs('status'), world.jobs('status', '--all')])],
];

async function attempted(happen: () => unknown): Promise<string> {
	try {
		await happen();
		return 'done';
	} catch (error) {
		return `could not: ${String((error as Error).message).split('\n')[0]}`;
	}
}

// Nothing is left but what somebody has taken back or has failed: that would be seen at the end.
function isDone(world: JobsWorld): boolean {
	return world.standings().every((standing) => standing === 'ok');
}

function counted(world: JobsWorld): string {
	const counts = new Map<string, number>();
	for (const standing of world.standings()) {
		counts.set(standing, (counts.get(standing) ?? 0) + 1);
	}
	return [...counts].map(([standing, number]) => `${number} ${standing}`).join(', ');
}

function okCounts(world: JobsWorld): number[] {
	const counts = new Map<string, number>();
	for (const line of world.names('history').flatMap((name) => world.lines('batch.sh.jobs/history', name))) {
		const { key, state } = JSON.parse(line) as { key: string; state: string };
		counts.set(key, (counts.get(key) ?? 0) + (state === 'ok' ? 1 : 0));
	}
	return [...counts.values()];
}

function someJobs(random: () => number): string {
	return [1, 2, 3].map(() => 1 + Math.floor(random() * count)).join();
}

function running(random: () => number): string {
	const tasks = call('squeue', '-h', '-r', '-t', 'RUNNING', '-o', '%i').trim().split('\n');
	return tasks[Math.floor(random() * tasks.length)]!;
}

function node(random: () => number): string {
	return `n${1 + Math.floor(random() * 4)}`;
}

async function holdAndRelease(task: string): Promise<void> {
	call('scontrol', 'requeuehold', task);
	await sleep(3000);
	call('scontrol', 'release', task);
}

async function suspendAndResume(task: string): Promise<void> {
	call('scontrol', 'suspend', task);
	await sleep(9000);
	call('scontrol', 'resume', task);
}

async function lose(random: () => number): Promise<void> {
	fail(node(random));
	await sleep(5000);
	boot();
}

async function restartController(): Promise<void> {
	const [pid] = readFileSync(join(env.SLURM_UP_DIR, 'run/slurmctld.pid'), 'utf8').split(' ');
	process.kill(Number(pid), 'SIGTERM');
	await sleep(3000);
	boot();
}

async function storm(task: string): Promise<void> {
	for (let time = 0; time < 20; time++) {
		spawn('scancel', ['--full', '--signal=TERM', task], { env: { ...process.env, ...env }, stdio: 'ignore' });
		await sleep(50);
	}
}

function preempt(random: () => number): string {
	const options = ['-p', 'high', '-w', node(random), '--exclusive', '--output=/dev/null'];
	return call('sbatch', ...options, '--wrap', 'sleep 3');
}

// Chance that a seed repeats.
function generator(start: number): () => number {
	let state = start;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}
