import { existsSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { onDurableStep, writeFileAtomic } from '../../../src/files/atomic.ts';
import { createRunFolder } from '../../../src/run/folder.ts';
import { guardWrites } from '../../../src/run/guard-writes.ts';
import { acquireLease } from '../../../src/run/lease.ts';
import { currentState, readStatus, setStatus } from '../../../src/run/status.ts';

test.serial('a run goes through its states; FINISHED is written last and goes when the run continues', (t) => {
	const run = newRun();
	t.is(currentState(run), 'prepared');
	t.is(readStatus(run)?.started, null);
	const lease = acquireLease(run);
	const started = setStatus(run, { state: 'running' });
	t.is(currentState(run), 'running');
	t.is(started.ended, null);
	const renamed: string[] = [];
	const stop = onDurableStep(({ kind, to }) => void (kind === 'rename' && renamed.push(to!.slice(run.length + 1))));
	setStatus(run, { state: 'finished', epoch: 5, step: 100 });
	stop();
	t.deepEqual(renamed, ['status.json', 'FINISHED']);
	t.like(readStatus(run), { epoch: 5, step: 100, started: started.started });
	t.truthy(readStatus(run)?.ended);
	setStatus(run, { state: 'running' });
	t.false(existsSync(join(run, 'FINISHED')));
	lease.release();
});

test('a recorded running is stale without an owner, with a dead one, or with an old heartbeat', (t) => {
	const run = newRun();
	setStatus(run, { state: 'running' });
	t.is(currentState(run), 'stale');
	const lease = acquireLease(run);
	t.is(currentState(run), 'running');
	writeFileSync(join(run, 'HEARTBEAT'), '');
	t.is(currentState(run), 'running');
	const old = Date.now() / 1000 - 100;
	utimesSync(join(run, 'HEARTBEAT'), old, old);
	t.is(currentState(run), 'stale');
	t.is(currentState(run, 200), 'running');
	writeFileSync(join(run, 'run.lock'), JSON.stringify({ ...lease.record, pid: 999_999_999 }));
	t.is(currentState(run, 200), 'stale');
	setStatus(run, { state: 'failed', reason: 'disk full' });
	t.is(currentState(run), 'failed');
	t.is(readStatus(run)?.reason, 'disk full');
});

test.serial('with guarded writes a robbed owner changes nothing in the folder, and may write elsewhere', (t) => {
	const run = newRun();
	const lease = acquireLease(run);
	const stop = guardWrites(run, lease);
	setStatus(run, { state: 'running' });
	acquireLease(run, { steal: true });
	const before = readFileSync(join(run, 'status.json'), 'utf8');
	t.throws(() => setStatus(run, { state: 'finished' }), { message: /no longer owns/ });
	t.is(readFileSync(join(run, 'status.json'), 'utf8'), before);
	t.notThrows(() => writeFileAtomic(`${run}-elsewhere`, ''));
	stop();
});

function newRun(): string {
	const run = join(mkdtempSync(join(tmpdir(), 'gimlet-status-')), 'run');
	createRunFolder(run, {});
	return run;
}
