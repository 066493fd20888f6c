import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { defaultBudgets, parseBudgets, Spending } from '../../../src/jobs/budgets.ts';
import { Eta, showSeconds } from '../../../src/jobs/eta.ts';
import { findGpus } from '../../../src/jobs/gpus.ts';
import { parseHistory } from '../../../src/jobs/history.ts';
import { type Outcome, readEnded, settle, stateOf } from '../../../src/jobs/outcome.ts';
import { Progress } from '../../../src/jobs/progress.ts';

const outcome: Outcome = {
	v: 1,
	key: 'abc',
	name: 'echo-abc',
	attempt: 2,
	state: 'ok',
	code: 0,
	signal: null,
	start: '2026-01-01T00:00:00.000Z',
	end: '2026-01-01T00:00:02.000Z',
	host: 'h',
};

test('budgets are read, and spent one by one', (t) => {
	t.deepEqual(parseBudgets('2'), { ...defaultBudgets, failure: 2 });
	t.deepEqual(parseBudgets('timeout=1, preemption=3'), { failure: 0, timeout: 1, preemption: 3, hasty: 3 });
	t.throws(() => parseBudgets('timeuot=1'), { message: /Did you mean "timeout"/u });
	t.throws(() => parseBudgets('failure=-1'));
	const spending = new Spending({ failure: 1, timeout: 0, preemption: 2, hasty: 5 });
	t.deepEqual(
		(['failed', 'failed', 'timeout', 'again', 'again', 'again', 'interrupted', 'ok'] as const).map((state) =>
			spending.allows(state, 100),
		),
		[true, false, false, true, true, false, false, false],
	);
});

test('a job that asks for another start within seconds waits ever longer, and not for ever', (t) => {
	const spending = new Spending(defaultBudgets);
	const ask = (seconds: number) => (spending.allows('again', seconds) ? spending.delay : undefined);
	t.deepEqual([1, 2, 3, 4, 5, 6].map(ask), [1, 2, 4, 8, 16, undefined]);
	const working = new Spending(defaultBudgets);
	t.true(Array.from({ length: 100 }, () => working.allows('again', 60) && working.delay === 0).every(Boolean));
	t.false(working.allows('again', 60));
	const told = new Spending(parseBudgets('preemption=7'));
	t.is(Array.from({ length: 20 }, () => told.allows('again', 1)).filter(Boolean).length, 7);
});

test('what an ending means', (t) => {
	t.is(stateOf({ code: 0, signal: null }), 'ok');
	t.is(stateOf({ code: 0, signal: null, stopped: 'interrupted' }), 'ok');
	t.is(stateOf({ code: 75, signal: null }), 'again');
	t.is(stateOf({ code: 75, signal: null, stopped: 'timeout' }), 'timeout');
	t.is(stateOf({ code: 75, signal: null, stopped: 'interrupted' }), 'again');
	t.is(stateOf({ code: null, signal: 'SIGKILL' }), 'failed');
	t.is(stateOf({ code: null, signal: 'SIGINT', stopped: 'interrupted' }), 'interrupted');
});

test('a torn last line of a history costs only itself', (t) => {
	const line = JSON.stringify(outcome);
	t.deepEqual(parseHistory(`${line}\n${line}\n${line.slice(0, 30)}`), [outcome, outcome]);
});

test('a job is ended by renaming its lease; a spoilt outcome counts as none', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-ended-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const lease = 'x'.repeat(600);
	writeFileSync(join(folder, 'lease'), lease);
	t.false(settle(join(folder, 'lease'), 'of another', folder, outcome));
	t.is(readFileSync(join(folder, 'lease'), 'utf8'), lease);
	t.true(settle(join(folder, 'lease'), lease, folder, outcome));
	t.is(readFileSync(join(folder, 'abc.json'), 'utf8').length, 600, 'no more of the disk than before');
	t.deepEqual(readEnded(folder, 'abc'), outcome);
	t.throws(() => readFileSync(join(folder, 'lease')));
	writeFileSync(join(folder, 'torn.json'), '{"v":1,"state":"o');
	t.is(readEnded(folder, 'torn'), undefined);
	t.is(readEnded(folder, 'none'), undefined);
});

test('the time left follows from what finished jobs took', (t) => {
	const eta = new Eta();
	t.is(eta.left(4, [], 2), undefined);
	eta.add(10);
	eta.add(20);
	t.is(eta.left(4, [5, 5], 2), (4 * 15 + 20) / 2);
	t.is(eta.left(0, [100], 2), 0);
	t.is(eta.left(0, [1], 8), 14);
	t.deepEqual([0.04, 12.4, 200, 7500, 100_000].map(showSeconds), [
		'0.0 s',
		'12 s',
		'3 min 20 s',
		'2 h 5 min',
		'1 d 3 h',
	]);
});

test('GPUs are those named, or those the environment leaves visible', (t) => {
	t.deepEqual(findGpus('0, 2'), ['0', '2']);
	t.deepEqual(findGpus('auto', { CUDA_VISIBLE_DEVICES: '3,5' }), ['3', '5']);
	t.deepEqual(findGpus('auto', { CUDA_VISIBLE_DEVICES: '' }), []);
	t.deepEqual(findGpus('auto', { PATH: '/nowhere' }), []);
	t.throws(() => findGpus('all'), { message: /auto/u });
});

test('a terminal gets a table that is drawn over, everything else plain lines', (t) => {
	const job = { key: 'abc', name: 'echo-abc', line: 7, command: 'echo', setup: '' };
	const draw = (isTTY: boolean): string => {
		let text = '';
		const screen = { isTTY, columns: 200, rows: 24, write: (part: string) => (text += part) };
		const progress = new Progress({ screen, total: 3, slots: 1, logOf: (name, attempt) => `${name}.${attempt}.log` });
		progress.started(job, 1);
		progress.ended(job, { ...outcome, state: 'failed', code: 3 }, false);
		progress.close();
		return text;
	};
	t.is(draw(false), 'failed with 3  line 7  echo-abc  2.0 s  echo-abc.2.log\n');
	t.regex(draw(true), /failed with 3/u);
});
