import test from 'ava';
import type { TaskState } from '../../../src/jobs/cluster/scheduler.ts';
import { lastWord } from '../../../src/jobs/cluster/slurm-reports.ts';
import { type Facts, judge, type Standing } from '../../../src/jobs/cluster/verdict.ts';
import { exitText, type Outcome, type OutcomeState } from '../../../src/jobs/outcome.ts';

const common: Facts = {
	outcome: undefined,
	isFresh: true,
	lease: undefined,
	isSubmitted: true,
	report: undefined,
	isSilent: false,
	isCancelled: false,
	hasBegun: true,
};

function outcome(state: OutcomeState, code: number, more: Partial<Outcome> = {}): Outcome {
	const own = { v: 1 as const, key: 'k', name: 'n', attempt: 2, signal: null, start: '', end: '', host: 'h' };
	return { ...own, state, code, ...more };
}

const standing = (facts: Partial<Facts>): Standing => judge({ ...common, ...facts }).standing;
const report = (state: TaskState) => ({ state, reason: '' });
const dead = { lease: 'dead' } as const;

test('how a stopped attempt ended follows from what the scheduler says, whichever signal came first', (t) => {
	const attempts = [
		outcome('interrupted', 143),
		outcome('interrupted', 1),
		outcome('failed', 143),
		outcome('failed', 137),
	];
	for (const attempt of attempts) {
		const after = (state: TaskState) => standing({ outcome: attempt, report: report(state) });
		t.deepEqual(
			(['cancelled', 'preempted', 'timeout', 'node_failed'] as const).map(after),
			['cancelled', 'preempted', 'timeout', 'lost'],
			`${attempt.state} ${attempt.code}`,
		);
	}
	t.is(standing({ outcome: outcome('again', 75), report: report('timeout') }), 'again');
	t.is(standing({ outcome: outcome('again', 75), report: report('cancelled') }), 'cancelled');
	t.is(standing({ outcome: outcome('interrupted', 143, { warned: true }), report: report('preempted') }), 'preempted');
});

test('an exit code of its own counts, whatever became of the task', (t) => {
	for (const state of ['cancelled', 'timeout', 'failed', 'preempted'] as const) {
		t.is(standing({ outcome: outcome('failed', 3), report: report(state) }), 'failed');
		t.is(standing({ outcome: outcome('ok', 0), report: report(state) }), 'ok');
	}
});

test('where the scheduler has forgotten, the attempt counts', (t) => {
	t.is(standing({ outcome: outcome('interrupted', 143) }), 'interrupted');
	t.is(standing({ outcome: outcome('interrupted', 143, { warned: true }) }), 'timeout');
	t.is(standing({ outcome: outcome('again', 75) }), 'again');
	t.is(standing({ isCancelled: true, outcome: outcome('interrupted', 143) }), 'cancelled');
});

test('without an attempt: begun and lost, before its turn, never begun', (t) => {
	t.is(standing(dead), 'lost');
	t.is(standing({}), 'interrupted');
	t.is(standing({ hasBegun: false }), 'not run');
	t.is(standing({ hasBegun: false, isSilent: true }), 'queued');
	t.is(standing({ report: report('timeout') }), 'interrupted');
	t.is(standing({ ...dead, report: report('timeout') }), 'timeout');
	t.is(standing({ report: report('failed') }), 'interrupted');
	t.is(standing({ ...dead, report: report('failed') }), 'failed');
	t.is(standing({ hasBegun: false, report: report('completed') }), 'failed');
	t.is(standing({ hasBegun: false, report: report('cancelled') }), 'cancelled');
	t.regex(judge({ ...common, hasBegun: false, report: report('completed') }).detail, /left no outcome/u);
});

test('an attempt from before the last submission says nothing about that', (t) => {
	t.is(
		standing({ outcome: outcome('failed', 3), isFresh: false, hasBegun: false, report: report('cancelled') }),
		'cancelled',
	);
	t.is(standing({ outcome: outcome('failed', 3), isFresh: false, report: report('running') }), 'queued');
	t.is(standing({ outcome: outcome('failed', 3), report: report('running') }), 'failed');
});

test('suspended is said, also where its heartbeat has stopped', (t) => {
	t.is(standing({ ...dead, report: report('suspended') }), 'suspended');
});

test('signals have names', (t) => {
	t.is(exitText({ code: 137, signal: null }), 'exit 137 (SIGKILL)');
	t.is(exitText({ code: 3, signal: null }), 'exit 3');
	t.is(exitText({ code: null, signal: 'SIGTERM' }), 'SIGTERM');
});

test('what a node has written last into the log of a task', (t) => {
	const said = (why: string) => `slurmstepd-n1: error: *** JOB 65 ON n1 CANCELLED AT 2026-11-29T02:35:46${why} ***\n`;
	const state = (log: string) => lastWord(log)?.state;
	t.is(state(said('')), 'cancelled');
	t.is(state(said(' DUE TO TIME LIMIT')), 'timeout');
	t.is(state(said(' DUE TO PREEMPTION')), 'preempted');
	t.is(state(`${said('')}${said(' DUE TO NODE FAILURE')}02:00:00 x: interrupted (143)\n`), 'node_failed');
	t.is(state(`${said('')}02:00:00 x-1f: attempt 2\n`), undefined);
	t.is(state(said(' DUE TO JOB REQUEUE')), undefined);
	t.is(state('slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.batch.\n'), 'failed');
	t.is(state('02:00:00 x: ok (0)\n'), undefined);
});
