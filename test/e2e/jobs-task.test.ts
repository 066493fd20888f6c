import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { JobsWorld, until } from './jobs-world.ts';

// The script of a task, started by hand: no cluster is needed for what follows.
async function submitted(t: ExecutionContext, lines: readonly string[], ...options: string[]): Promise<JobsWorld> {
	const world = new JobsWorld(t, lines);
	world.write([`cd ${world.folder}`, ...lines]);
	world.stub('sbatch', 'echo 4242');
	world.stub('squeue', 'exit 1');
	world.stub('scontrol', 'exit 1');
	const { code, stderr } = await world.here('submit', ...options);
	t.is(code, 0, stderr);
	return world;
}

const outcomes = (world: JobsWorld): Array<Record<string, unknown>> =>
	world.names('ended').map((name) => JSON.parse(readFileSync(world.path('batch.sh.jobs/ended', name), 'utf8')));

test('a number that is none of the array is told, and nothing runs', async (t) => {
	const world = await submitted(t, ['echo ran >>ran', 'echo ran >>ran']);
	for (const number of ['', 'x', '-1', '2', '1000000']) {
		const { exitCode, all } = await world.task(number);
		t.is(exitCode, 2, number);
		t.regex(String(all), /is no task of this array: set it to a number from 0 to 1/u);
	}
	t.deepEqual(world.lines('ran'), []);
});

// Notes each TERM, saves for a while after the first, and leaves without saving after the second: as a training does.
const saver = `my $n = 0;
sub note { open(my $f, '>>', $ARGV[0]); print $f "$_[0]\\n"; close $f }
$SIG{TERM} = sub { $n++; note("TERM $n") };
note('start');
select(undef, undef, undef, 0.02) while !$n;
for (1 .. 40) { select(undef, undef, undef, 0.02); exit 143 if $n > 1 }
note('saved');
exit 75;
`;

test('a signal reaches a line once, whoever was sent it, and is waited for', async (t) => {
	const world = await submitted(t, ['perl saver.pl a', 'true; perl saver.pl b', 'perl saver.pl c']);
	writeFileSync(world.path('saver.pl'), saver);
	// To the script alone; to each of its processes.
	const told = async (number: number, name: string, toAll: boolean) => {
		const task = world.task(number);
		await until('it runs', 60, () => world.lines(name)[0] === 'start');
		const all = toAll ? descendants(task.pid!) : [task.pid!];
		for (const pid of all) {
			process.kill(pid, 'SIGTERM');
		}
		return (await task).exitCode;
	};
	t.deepEqual(await Promise.all([told(0, 'a', false), told(1, 'b', true), told(2, 'c', true)]), [75, 75, 75]);
	for (const name of ['a', 'b', 'c']) {
		t.deepEqual(world.lines(name), ['start', 'TERM 1', 'saved'], name);
	}
	t.deepEqual(world.names('leases'), []);
	t.deepEqual(
		outcomes(world).map(({ state, code }) => `${state} ${code}`),
		['again 75', 'again 75', 'again 75'],
	);
});

test('a storm of signals loses neither the outcome nor the lease', async (t) => {
	const world = await submitted(t, [
		"perl -e '$SIG{TERM} = $SIG{USR1} = sub {}; select(undef, undef, undef, 0.02) while !-e q(end); exit 5'",
	]);
	const task = world.task(0);
	await until('it runs', 60, () => world.names('leases').length === 1);
	for (let time = 0; time < 150; time++) {
		for (const pid of descendants(task.pid!)) {
			try {
				process.kill(pid, time % 3 === 0 ? 'SIGUSR1' : 'SIGTERM');
			} catch {
				// It has just ended.
			}
		}
		await sleep(4);
		if (time === 75) {
			writeFileSync(world.path('end'), '');
		}
	}
	const { exitCode, all } = await task;
	t.is(exitCode, 1, String(all));
	t.notRegex(String(all), /unexpected|Abort/u);
	t.like(outcomes(world)[0], { code: 5, state: 'interrupted' });
	t.deepEqual(world.names('leases'), []);
});

test('a warning while a line has not begun to listen is heard later', async (t) => {
	const world = await submitted(t, [
		"perl -e 'open(F, q(>), q(up)); close F; sleep 2; $SIG{USR1} = sub { exit 75 }; sleep 1 while 1'",
	]);
	const task = world.task(0);
	await until('it has begun', 60, () => world.names('.').length > 0 && world.names('leases').length === 1);
	process.kill(task.pid!, 'SIGUSR1');
	t.is((await task).exitCode, 75);
});

test('a line has the environment of the submitter and what is its own, and no more', async (t) => {
	const show =
		'env | grep -E "^(state|name|key|list|cpus|GIMLET_JOB_SLOT|OMP_NUM_THREADS)=" | sort >out.$GIMLET_JOB_SLOT';
	const world = await submitted(t, [show, `true; ${show}`], '--cpus', '3');
	const own = { state: "mine's", name: 'a b', key: '"', cpus: '7' };
	t.is((await world.task(1, own)).exitCode, 0);
	const variables = ['GIMLET_JOB_SLOT=1', 'OMP_NUM_THREADS=3', 'cpus=7', 'key="', 'name=a b', "state=mine's"];
	t.deepEqual(world.lines('out.1'), variables);
	t.is((await world.task(0, { OMP_NUM_THREADS: '5' })).exitCode, 0);
	t.deepEqual(world.lines('out.0'), ['GIMLET_JOB_SLOT=0', 'OMP_NUM_THREADS=5']);
});

test('a task that asks for another start at once waits longer each time, and is given up', async (t) => {
	const world = await submitted(t, ['sh -c "exit 75"']);
	world.stub('scontrol', 'echo "$@" >>asked');
	const restarts = world.path('batch.sh.jobs/submissions/1/restarts-0');
	t.is((await world.task(0)).exitCode, 75);
	t.is(readFileSync(restarts, 'utf8'), '1 1\n');
	writeFileSync(restarts, '5 5\n');
	const { exitCode, all } = await world.task(0);
	t.is(exitCode, 75);
	t.regex(String(all), /6 times at once: stopping/u);
	t.deepEqual(world.lines('asked'), ['requeue by-hand_0']);
});

test('a line that was taken back is ended, and the others of its task go on', async (t) => {
	const world = await submitted(
		t,
		['echo a >>seen', 'echo b >>seen; sleep 60', 'echo c >>seen', 'echo d >>seen'],
		'--per-task',
		'4',
	);
	const task = world.task(0);
	await until('the second runs', 60, () => world.lines('seen').length === 2);
	const [, second, third] = readFileSync(world.path('batch.sh.jobs/submissions/1/jobs.tsv'), 'utf8').split('\n');
	for (const line of [second, third]) {
		writeFileSync(world.path('batch.sh.jobs/submissions/1/cancelled', line!.split('\t')[0]!), '');
	}
	t.is((await task).exitCode, 0);
	t.deepEqual(world.lines('seen'), ['a', 'b', 'd']);
});

test('a reader of the log that goes away costs no outcome', async (t) => {
	const world = await submitted(t, ["sh -c 'until [ -e go ]; do sleep 0.05; done'"]);
	const task = world.task(0);
	await until('it runs', 60, () => world.names('leases').length === 1);
	task.stdout!.destroy();
	task.stderr!.destroy();
	writeFileSync(world.path('go'), '');
	await until('it has ended', 60, () => world.names('ended').length === 1);
	t.like(outcomes(world)[0], { state: 'ok', code: 0 });
});

test('both parts of a script are what a checker of shell scripts accepts', async (t) => {
	const world = await submitted(t, ['true']);
	const files = ['array.sbatch', 'task.sh'].map((name) => world.path('batch.sh.jobs/submissions/1', name));
	try {
		execFileSync('shellcheck', ['--version'], { stdio: 'ignore' });
	} catch {
		t.pass('there is none here');
		return;
	}
	t.is(execFileSync('shellcheck', files, { encoding: 'utf8' }), '');
});

function descendants(root: number): number[] {
	const parents = new Map<number, number>();
	for (const line of execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')) {
		const [pid = 0, parent = 0] = line.trim().split(/\s+/u).map(Number);
		parents.set(pid, parent);
	}
	const isBelow = (pid: number | undefined): boolean =>
		pid === root || (pid !== undefined && pid > 1 && isBelow(parents.get(pid)));
	return [...parents.keys()].filter(isBelow);
}
