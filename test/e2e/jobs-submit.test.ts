import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { JobsWorld } from './jobs-world.ts';

// What this test needs of Slurm: it gives numbers, keeps a queue in a file, and is deaf on request.
function slurmWorld(t: ExecutionContext, lines: readonly string[]): JobsWorld {
	const world = new JobsWorld(t, lines);
	const { folder } = world;
	world.stub(
		'sbatch',
		`cd ${folder}
n=$(($(cat n 2>/dev/null || echo 100) + 1)); echo $n >n
echo "$@" >>calls
for a; do case $a in --comment=*) c=\${a#*=} ;; esac; s=$a; done
case $(cat full 2>/dev/null) in "$n") echo 'sbatch: error: Batch job submission failed: QOSMaxSubmit' >&2; exit 1 ;; esac
for i in $(seq 0 $(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$s")); do echo "\${n}_$i|PENDING|$c|name|Priority" >>queue; done
sleep 0.3
[ ! -e deaf ] || { echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1; }
echo $n`,
	);
	world.stub('squeue', `cd ${folder}; [ ! -e deaf ] && cat queue`);
	world.stub(
		'scancel',
		`cd ${folder}; [ ! -e mine ] || { echo 'scancel: error: Kill job error: Access/permission denied' >&2; exit 1; }
for t; do sed -i "s/^$t|PENDING|/$t|CANCELLED|/" queue; done`,
	);
	world.stub('sacct', `cd ${folder}; cat accounts 2>/dev/null`);
	world.stub('scontrol', 'echo MaxArraySize = 1001');
	return world;
}

const queue = (world: JobsWorld) => world.lines('queue').map((line) => line.split('|').slice(0, 2).join(' '));
const forget = (world: JobsWorld) => writeFileSync(world.path('queue'), '');

test.serial('two who submit one list at once submit each job once; cancel takes back all that is there', async (t) => {
	const world = slurmWorld(t, ['a', 'b', 'c']);
	const [first, second] = await Promise.all([world.here('submit'), world.here('submit')]);
	t.deepEqual([first.code, second.code], [0, 0]);
	t.regex(`${first.stderr}${second.stderr}`, /waiting for process \d+.*nothing to do/su);
	t.deepEqual(queue(world), ['101_0 PENDING', '101_1 PENDING', '101_2 PENDING']);
	t.regex((await world.here('cancel')).stderr, /cancelled 3/u);
	t.deepEqual(queue(world), ['101_0 CANCELLED', '101_1 CANCELLED', '101_2 CANCELLED']);
	forget(world);
	t.regex((await world.here('status')).stdout, /3 cancelled/u);
	t.regex((await world.here('status', '--resubmit')).stderr, /nothing to do/u);
	t.deepEqual(world.names('.').includes('submitting'), false);
});

test.serial('what was taken without an answer is found again by its name, and not submitted twice', async (t) => {
	const world = slurmWorld(t, ['a', 'b']);
	writeFileSync(world.path('deaf'), '');
	const { code, stderr } = await world.here('submit');
	t.is(code, 4);
	t.regex(stderr, /sbatch did not say whether it took/u);
	t.regex((await world.here('status')).stdout, /queued .*has not said whether it took it.*2 queued/su);
	t.regex((await world.here('submit')).stderr, /nothing to do/u);
	rmSync(world.path('deaf'));
	t.regex((await world.here('status', '--all')).stdout, /101_0.*101_1/su);
	t.regex((await world.here('cancel', '--only', '2')).stderr, /cancelled 1/u);
	t.deepEqual(queue(world), ['101_0 PENDING', '101_1 CANCELLED']);
	t.is(world.lines('calls').length, 1);
});

test.serial(
	'what is refused is said with the reason; the next submission hands over that, and nothing else',
	async (t) => {
		const world = slurmWorld(t, ['a', 'b', 'c']);
		writeFileSync(world.path('full'), '102');
		const { code, stderr } = await world.here('submit', '--max-array', '1');
		t.is(code, 4);
		t.regex(stderr, /QOSMaxSubmit/u);
		const { stdout } = await world.here('status');
		t.regex(
			stdout,
			/ 2 {2}not run .*not taken: .*QOSMaxSubmit.* 3 {2}not run .*not handed over.*1 queued, 2 not run/su,
		);
		await world.here('submit');
		t.deepEqual(queue(world), ['101_0 PENDING', '103_0 PENDING', '103_1 PENDING']);
	},
);

test.serial('a refusal of scancel changes nothing', async (t) => {
	const world = slurmWorld(t, ['a']);
	await world.here('submit');
	writeFileSync(world.path('mine'), '');
	const { code, stderr } = await world.here('cancel');
	t.is(code, 4);
	t.regex(stderr, /1 are still there: .*permission denied/u);
	t.regex((await world.here('status')).stdout, /1 queued/u);
});

test.serial('a job whose line has been edited is known, and taken back with the others', async (t) => {
	const world = slurmWorld(t, ['a', 'b']);
	await world.here('submit');
	world.write(['a', 'b --better']);
	t.regex((await world.here('submit')).stderr, /1 queued or running there are not in the list any more/u);
	t.regex((await world.here('status')).stdout, /- {2}queued .*101_1 {2}not in the list any more.*2 queued, 1 not in/su);
	t.regex((await world.here('cancel')).stderr, /cancelled 3/u);
	t.true(queue(world).every((line) => line.endsWith('CANCELLED')));
});

test("another list's job of the same number is neither counted nor cancelled", async (t) => {
	const world = slurmWorld(t, ['a']);
	await world.here('submit');
	writeFileSync(world.path('queue'), '101_0|RUNNING|gimlet-000000000000.0|name|None\n');
	t.regex((await world.here('status')).stdout, /never began.*1 not run/su);
	t.regex((await world.here('cancel')).stderr, /nothing to do/u);
	t.deepEqual(queue(world), ['101_0 RUNNING']);
});

test.serial(
	'a task that squeue has forgotten is looked up in the accounts, though its array is not forgotten',
	async (t) => {
		const world = slurmWorld(t, ['a', 'b', 'c']);
		await world.here('submit');
		writeFileSync(world.path('queue'), world.lines('queue')[0]!.concat('\n'));
		const name = world.folder.split('/').slice(-2).join('/');
		writeFileSync(world.path('accounts'), `101_1|CANCELLED by 0||${name}|None\n101_2|TIMEOUT||other|TimeLimit\n`);
		// It has begun, if only to write its log.
		writeFileSync(world.path('batch.sh.jobs/submissions/1/task-101_2.log'), '');
		t.regex((await world.here('status')).stdout, / 2 {2}cancelled .* 3 {2}not run .*1 queued/su);
		// Once seen, it is known without the accounts.
		rmSync(world.path('accounts'));
		t.regex((await world.here('status')).stdout, / 2 {2}cancelled /u);
	},
);

test.serial('a task that Slurm has dropped from its array was taken back before it began, and stays so', async (t) => {
	const world = slurmWorld(t, ['a', 'b']);
	await world.here('submit');
	writeFileSync(world.path('queue'), world.lines('queue')[0]!.concat('\n'));
	t.regex((await world.here('status')).stdout, / 2 {2}cancelled .*before it began/u);
	forget(world);
	t.regex((await world.here('status')).stdout, / 1 {2}not run .*never began.* 2 {2}cancelled/su);
	t.regex((await world.here('status', '--resubmit')).stderr, /nothing to do/u);
});

test.serial('a task that was killed has ended, though its heartbeat is young', async (t) => {
	const world = slurmWorld(t, ['a']);
	await world.here('submit');
	const key = readFileSync(world.path('batch.sh.jobs/submissions/1/jobs.tsv'), 'utf8').split('\t')[0]!;
	const lease = {
		v: 1,
		place: 'n1 x y',
		owner: { pid: 1, start: '1' },
		attempt: 1,
		time: '',
		stale: 60,
		by: 'slurm-101_0',
	};
	writeFileSync(world.path('batch.sh.jobs/leases', key), `${JSON.stringify(lease)}\n`);
	const [line = ''] = world.lines('queue');
	const said = async (state: string) => {
		writeFileSync(world.path('queue'), `${line.replace('PENDING', state)}\n`);
		return (await world.here('status', '--all')).stdout;
	};
	t.regex(await said('RUNNING'), /1 running/u);
	t.regex(await said('NODE_FAIL'), /1 running/u);
	t.regex(await said('TIMEOUT'), /1 timeout/u);
	t.regex(await said('CANCELLED'), /1 cancelled/u);
});

test.serial('retry keeps the settings of each job, but not what it waited for; options change them', async (t) => {
	const world = slurmWorld(t, ['a', 'b']);
	await world.here('submit', '--only', '1', '--time', '9h', '-b', "slurm.dependency='afterok:5'");
	await world.here('submit', '--time', '8h', '--memory', '2G');
	await world.here('cancel');
	t.is((await world.here('retry', '--memory', '3G')).code, 0);
	const header = (number: number) =>
		readFileSync(world.path(`batch.sh.jobs/submissions/${number}/array.sbatch`), 'utf8').match(
			/--(?:time|mem|depen)\S*/gu,
		);
	t.deepEqual([1, 2, 3, 4].map(header), [
		['--time=9:00:00', '--dependency=afterok:5'],
		['--time=8:00:00', '--mem=2G'],
		['--time=9:00:00', '--mem=3G'],
		['--time=8:00:00', '--mem=3G'],
	]);
});

test.serial('a number of tasks at a time holds for all arrays of a list', async (t) => {
	const world = slurmWorld(t, ['a', 'b', 'c']);
	await world.here('submit', '--max-array', '2', '--max-running', '1', '--only', '1,2');
	const { stderr } = await world.here('submit', '--max-array', '2', '--max-running', '1');
	t.regex(stderr, /begins when 101 has ended/u);
	t.regex(world.lines('calls')[1]!, /--dependency=afterany:101 /u);
});

test.serial('what is lost again and again is left, and how to go on is said', async (t) => {
	const world = slurmWorld(t, ['a']);
	await world.here('submit');
	const key = readFileSync(world.path('batch.sh.jobs/submissions/1/jobs.tsv'), 'utf8').split('\t')[0]!;
	const lease = { v: 1, place: 'n1 x y', owner: { pid: 1, start: '1' }, attempt: 1, time: '', stale: -5 };
	writeFileSync(world.path('batch.sh.jobs/leases', key), `${JSON.stringify(lease)}\n`);
	for (let time = 0; time < 5; time++) {
		forget(world);
		t.regex((await world.here('status', '--resubmit')).stderr, /submitted 1 job/u);
	}
	forget(world);
	const { stderr } = await world.here('status', '--resubmit');
	t.regex(stderr, /5 times already, and left: 1; to go on: .*jobs\.ts retry .* --only 1/u);
	t.is(world.lines('calls').length, 6);
});

test.serial('an unknown profile is a mistake, also where nothing is to be done', async (t) => {
	const world = slurmWorld(t, ['a']);
	await world.here('submit');
	t.is((await world.here('submit', '--profile', 'slurm_cup')).code, 2);
});

test.serial(
	'a warning that is not clearly below the time limit is refused, and a list means one shell everywhere',
	async (t) => {
		const world = slurmWorld(t, ['a']);
		for (const [time, warning] of [
			['2m', '120'],
			['1', '31'],
			['0:50', '26'],
			['0-1', '1801'],
		] as const) {
			const { code, stderr } = await world.here('submit', '--time', time, '--warning', warning);
			t.is(code, 2, time);
			t.regex(stderr, /allowed are up to \d+ s/u);
		}
		t.is((await world.here('submit', '--time', '2m')).code, 2);
		t.is((await world.here('submit', '--time', '2m', '--warning', '60')).code, 0);
		t.regex(readFileSync(world.path('batch.sh.jobs/submissions/1/array.sbatch'), 'utf8'), /^shell=bash$/mu);
		world.write(['[[ a == a ]] && echo bash']);
		t.is((await world.here('run')).code, 0);
	},
);

test.serial('a lock that a lost machine has left is waited for, and the job is not called failed', async (t) => {
	const world = slurmWorld(t, ['test -e free || { touch free; exit 3; }']);
	world.write([`cd ${world.folder}`, ...world.lines('batch.sh')]);
	await world.here('submit');
	const key = readFileSync(world.path('batch.sh.jobs/submissions/1/jobs.tsv'), 'utf8').split('\t')[0]!;
	const lease = { v: 1, place: 'n1 x y', owner: { pid: 1, start: '1' }, attempt: 1, time: '', stale: -5 };
	writeFileSync(world.path('batch.sh.jobs/leases', key), `${JSON.stringify(lease)}\n`);
	forget(world);
	const { code, stderr } = await world.here('run');
	t.is(code, 0, stderr);
	t.is(JSON.parse(readFileSync(world.path('batch.sh.jobs/ended', `${key}.json`), 'utf8')).state, 'ok');
});
