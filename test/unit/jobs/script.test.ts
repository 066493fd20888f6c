import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { lsf } from '../../../src/jobs/cluster/lsf.ts';
import { checkProfile, type Profile } from '../../../src/jobs/cluster/profile.ts';
import type { Scheduler } from '../../../src/jobs/cluster/scheduler.ts';
import { renderScript } from '../../../src/jobs/cluster/script.ts';
import { slurm } from '../../../src/jobs/cluster/slurm.ts';

const profile: Profile = {
	partition: 'gpu',
	time: '4h50m',
	cpus: 4,
	memory: '16G',
	gpus: 2,
	gpuType: 'a100',
	account: 'lab-7',
	constraint: 'ib&ssd',
	qos: 'long',
	dependency: 'afterok:123',
	mailUser: 'me@example.org',
	mailTypes: ['END', 'FAIL'],
	lines: [],
};

test('a script for Slurm', (t) => {
	t.is(
		render(slurm, { ...profile, lines: ['#SBATCH --exclude=n7'] }),
		`#!/usr/bin/env bash
#SBATCH --job-name=batch.sh
#SBATCH --comment=gimlet-1.0
#SBATCH --array=0-299%20
#SBATCH --chdir="/home/me/my runs"
#SBATCH --output="/home/me/my runs/batch.sh.jobs/submissions/1/task-%A_%a.log"
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --partition=gpu
#SBATCH --time=4:50:00
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --gres=gpu:a100:2
#SBATCH --account=lab-7
#SBATCH --qos=long
#SBATCH --constraint="ib&ssd"
#SBATCH --dependency=afterok:123
#SBATCH --mail-user=me@example.org
#SBATCH --mail-type=END,FAIL
#SBATCH --exclude=n7

# Each task runs 3 lines of jobs.tsv; task 0 begins with line 901.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154
trap 'gimlet_warned=1 warned=1' USR1
environment=$(export -p)
list='/home/me/my runs/batch.sh'
state='/home/me/my runs/batch.sh.jobs'
submission='/home/me/my runs/batch.sh.jobs/submissions/1'
label=gimlet-1
cwd='/home/me/my runs'
shell=bash
scheduler=slurm
signal=USR1
tasks=300
per_task=3
offset=900
stale=60
requeues=100
cpus=4
writes_log=no
warned=\${gimlet_warned-}
. "$submission/task.sh"
`,
	);
});

test('a script for LSF, whose tasks are counted from 1', (t) => {
	t.is(
		render(lsf, { ...profile, signal: 'SIGUSR2', gpuMode: 'exclusive_process', dependency: 'done(123)' }),
		`#!/usr/bin/env bash
#BSUB -J "batch.sh[1-300]%20"
#BSUB -Jd gimlet-1.0
#BSUB -cwd "/home/me/my runs"
#BSUB -o "/home/me/my runs/batch.sh.jobs/submissions/1/task-%J_%I.log"
#BSUB -r
#BSUB -Q "75"
#BSUB -wa USR2
#BSUB -wt 2
#BSUB -q gpu
#BSUB -W 4:50
#BSUB -n 4
#BSUB -R "rusage[mem=16G]"
#BSUB -gpu "num=2:mode=exclusive_process:gmodel=a100"
#BSUB -P lab-7
#BSUB -w "done(123)"
#BSUB -u me@example.org
#BSUB -N

# Each task runs 3 lines of jobs.tsv; task 0 begins with line 901.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154
trap 'gimlet_warned=1 warned=1' USR2
environment=$(export -p)
list='/home/me/my runs/batch.sh'
state='/home/me/my runs/batch.sh.jobs'
submission='/home/me/my runs/batch.sh.jobs/submissions/1'
label=gimlet-1
cwd='/home/me/my runs'
shell=bash
scheduler=lsf
signal=USR2
tasks=300
per_task=3
offset=900
stale=60
requeues=100
cpus=4
writes_log=no
warned=\${gimlet_warned-}
. "$submission/task.sh"
`,
	);
});

test('nothing breaks out of a header line', (t) => {
	for (const partition of ['a\nrm -rf x', 'a"b', 'a;b', 'a`b`', 'a$(b)']) {
		t.throws(() => checkProfile({ partition }), { message: /partition/u }, partition);
	}
	t.throws(() => checkProfile({ lines: ['rm -rf x'] }));
	t.throws(() => checkProfile({ lines: ['#SBATCH --x\nrm -rf y'] }));
	t.is(checkProfile(profile), profile);
});

test('a path is never syntax of the header, nor a line of the script', (t) => {
	const header = (scheduler: Scheduler, place: string) =>
		render(scheduler, { signal: 'SIGTERM' }, place)
			.split('\n')
			.filter((line) => /chdir|output|-cwd|-o |signal|-wa/u.test(line));
	t.deepEqual(header(slurm, `/a #b/"q" 'c' %j%a`).slice(0, 3), [
		`#SBATCH --chdir="/a #b/\\"q\\" 'c' %j%a"`,
		`#SBATCH --output="/a #b/\\"q\\" 'c' %%j%%a/batch.sh.jobs/submissions/1/task-%A_%a.log"`,
		'#SBATCH --signal=B:TERM@120',
	]);
	for (const place of ['/a\ntouch PWNED\n#', '/a\\b']) {
		t.deepEqual(header(slurm, place).slice(0, 2), ['#SBATCH --chdir=/', '#SBATCH --output=/dev/null']);
		const script = render(slurm, {}, place);
		t.true(script.includes('\nwrites_log=yes\n'));
		t.false(script.split('\n').includes('touch PWNED'));
		const shown = execFileSync('bash', ['-c', `${script.replace(/^\. .*$/mu, '')}printf %s "$cwd"`], {
			encoding: 'utf8',
		});
		t.is(shown, place);
	}
	for (const place of ['/a%Jb', '/a"b', '/a$b', '/a#b', '/a\nb']) {
		t.deepEqual(header(lsf, place).slice(0, 2), ['#BSUB -cwd "/"', '#BSUB -o /dev/null'], place);
	}
});

test('schedulers say more than one expects', (t) => {
	const bin = mkdtempSync(join(tmpdir(), 'gimlet-slurm-'));
	t.teardown(() => rmSync(bin, { recursive: true, force: true }));
	const path = process.env['PATH'];
	process.env['PATH'] = `${bin}:${path}`;
	t.teardown(() => (process.env['PATH'] = path));
	const say = (program: string, text: string) => {
		writeFileSync(join(bin, program), `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`, { mode: 0o755 });
	};
	const handover = { profile: {}, label: 'gimlet-1.0', after: [] };
	say('sbatch', '----\n  Welcome to 1 site\n--> ok\n4711;cluster');
	t.is(slurm.submit('x', handover), '4711');
	say('sbatch', 'no number');
	t.throws(() => slurm.submit('x', handover), {
		message: /did not say whether it took x: it said no number: "no number"/u,
	});
	say(
		'squeue',
		[
			'1_0|OUT_OF_MEMORY|l|n|OutOfMemory',
			'1_1|LAUNCH_FAILED|l|n|x',
			'1_2|NEW_WORD|l|n|None',
			'1_3|COMPLETED|l|n|None',
			'1_4|RESV_DEL_HOLD|l|n|y',
			'1_5|RUNNING|other|n|None',
		].join('\n'),
	);
	const found = slurm.report([{ id: '1', label: 'l', jobName: 'n', tasks: 6 }], ['me']);
	t.deepEqual(
		[0, 1, 2, 3, 4, 5].map((index) => found?.tasks.get(`1_${index}`)),
		[
			{ state: 'failed', reason: 'out of memory' },
			{ state: 'unstarted', reason: 'x' },
			{ state: 'unknown', reason: 'the scheduler says NEW_WORD' },
			{ state: 'completed', reason: '' },
			{ state: 'queued', reason: 'y', blocked: undefined },
			undefined,
		],
	);
	say('bsub', 'Group <3> charged\nJob <12> is submitted to queue <normal>.');
	writeFileSync(join(bin, 'script'), '');
	t.is(lsf.submit(join(bin, 'script'), handover), '12');
});

function render(scheduler: Scheduler, asked: Profile, place = '/home/me/my runs'): string {
	const folder = `${place}/batch.sh.jobs`;
	return renderScript({
		scheduler,
		profile: checkProfile(asked),
		shape: {
			name: 'batch.sh',
			label: 'gimlet-1.0',
			tasks: 300,
			throttle: 20,
			folder: `${folder}/submissions/1`,
			cwd: place,
		},
		list: `${place}/batch.sh`,
		state: folder,
		submission: `${folder}/submissions/1`,
		label: 'gimlet-1',
		shell: 'bash',
		perTask: 3,
		offset: 900,
		stale: 60,
		requeues: 100,
	});
}
