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
state='/home/me/my runs/batch.sh.jobs'
submission='/home/me/my runs/batch.sh.jobs/submissions/1'
cwd='/home/me/my runs'
shell=bash
scheduler=slurm
per_task=3
offset=900
stale=60
requeues=100
. "$submission/task.sh"
`,
	);
});

test('a script for LSF, whose tasks are counted from 1', (t) => {
	t.is(
		render(lsf, { ...profile, gpuMode: 'exclusive_process', dependency: 'done(123)' }),
		`#!/usr/bin/env bash
#BSUB -J "batch.sh[1-300]%20"
#BSUB -cwd "/home/me/my runs"
#BSUB -o "/home/me/my runs/batch.sh.jobs/submissions/1/task-%J_%I.log"
#BSUB -r
#BSUB -Q "75"
#BSUB -wa USR1
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
state='/home/me/my runs/batch.sh.jobs'
submission='/home/me/my runs/batch.sh.jobs/submissions/1'
cwd='/home/me/my runs'
shell=bash
scheduler=lsf
per_task=3
offset=900
stale=60
requeues=100
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

function render(scheduler: Scheduler, asked: Profile): string {
	const folder = '/home/me/my runs/batch.sh.jobs';
	return renderScript({
		scheduler,
		profile: checkProfile(asked),
		shape: {
			name: 'batch.sh',
			tasks: 300,
			throttle: 20,
			folder: `${folder}/submissions/1`,
			cwd: '/home/me/my runs',
		},
		state: folder,
		submission: `${folder}/submissions/1`,
		shell: 'bash',
		perTask: 3,
		offset: 900,
		stale: 60,
		requeues: 100,
	});
}
