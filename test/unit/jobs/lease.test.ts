import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { inspect, type LeaseRecord, Leases, recordOf } from '../../../src/jobs/lease.ts';
import { lives, markOf, thisPlace } from '../../../src/jobs/place.ts';
import { Runners } from '../../../src/jobs/runners.ts';

function folder(t: ExecutionContext): string {
	const path = mkdtempSync(join(tmpdir(), 'gimlet-lease-'));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

function foreign(path: string, change: Partial<LeaseRecord>): void {
	const record: LeaseRecord = {
		v: 1,
		place: thisPlace(),
		owner: deadMark(),
		attempt: 3,
		time: new Date().toISOString(),
		stale: 60,
		...change,
	};
	writeFileSync(path, JSON.stringify(record));
}

// A process that has certainly ended.
function deadMark() {
	const { pid } = spawnSync('true');
	return { pid, start: '1' };
}

function age(path: string, seconds: number): void {
	const then = new Date(Date.now() - seconds * 1000);
	utimesSync(path, then, then);
}

test('one lease has one owner, until it is given back', (t) => {
	const path = folder(t);
	const [a, b] = [new Leases(path), new Leases(path)];
	t.true(a.take('k', 1).mine);
	t.false(b.take('k', 1).mine);
	a.release('k');
	t.true(b.take('k', 1).mine);
});

test("a dead owner's lease is taken over with what it said; a living one's is not", (t) => {
	const path = folder(t);
	foreign(join(path, 'dead'), {});
	const grant = new Leases(path).take('dead', 1);
	t.true(grant.mine && grant.after?.attempt === 3);
	t.is(recordOf(join(path, 'dead'))?.attempt, 4);
	foreign(join(path, 'alive'), { owner: markOf(process.pid) });
	t.false(new Leases(path).take('alive', 1).mine);
	t.deepEqual(readdirSync(path).sort(), ['alive', 'dead']);
});

test('a process number that has been given to another does not keep a lease', (t) => {
	t.true(lives(markOf(process.pid)));
	t.false(lives({ pid: process.pid, start: '1' }));
});

test('a job that lives on after its runner keeps the lease', (t) => {
	const path = folder(t);
	foreign(join(path, 'k'), { child: markOf(process.pid) });
	const grant = new Leases(path).take('k', 1);
	t.true(!grant.mine && grant.orphan === process.pid);
});

test('on another machine the heartbeat decides', (t) => {
	const path = join(folder(t), 'k');
	foreign(path, { place: 'elsewhere 0 0', stale: 30 });
	age(path, 20);
	t.not(inspect(path), 'dead');
	age(path, 40);
	t.is(inspect(path), 'dead');
});

test('a clock that goes wrong here makes no lease old', (t) => {
	const path = folder(t);
	const [leases, runners] = [new Leases(path), new Runners(join(path, 'runners'))];
	leases.take('k', 1);
	const { now } = Date;
	const late = class extends Date {
		constructor() {
			super(now() - 300_000);
		}
	};
	const real = globalThis.Date;
	t.teardown(() => {
		globalThis.Date = real;
	});
	globalThis.Date = late as DateConstructor;
	leases.beat();
	runners.beat();
	const other = new Runners(join(path, 'runners'));
	globalThis.Date = real;
	for (const name of ['k', `runners/${hostname()}.${process.pid}`]) {
		t.true(now() - statSync(join(path, name)).mtimeMs < 60_000, name);
	}
	t.true(Math.abs(other.since - now()) < 60_000);
});

test('a lease whose owner a scheduler has suspended is not taken, however silent', (t) => {
	const path = folder(t);
	foreign(join(path, 'k'), { place: 'elsewhere 0 0', by: 'slurm-7_1' });
	age(join(path, 'k'), 1000);
	t.false(new Leases(path, 60, ({ by }) => by === 'slurm-7_1').take('k', 1).mine);
	t.true(new Leases(path).take('k', 1).mine);
});

test('a lease file without content is left to its owner for a minute', (t) => {
	const path = join(folder(t), 'k');
	writeFileSync(path, '');
	t.not(inspect(path), 'dead');
	age(path, 100);
	t.is(inspect(path), 'dead');
});

test('a heartbeat touches what is held and tells what has been taken away', (t) => {
	const path = folder(t);
	const leases = new Leases(path);
	leases.take('mine', 1);
	leases.take('taken', 1);
	age(join(path, 'mine'), 1000);
	foreign(join(path, 'taken'), {});
	t.deepEqual(leases.beat(), ['taken']);
	t.false(leases.holds('taken'));
	foreign(join(path, 'other'), { place: 'elsewhere 0 0' });
	t.not(inspect(join(path, 'mine')), 'dead');
	t.true(readFileSync(join(path, 'mine'), 'utf8').includes(`"pid":${process.pid}`));
});

test('the process of a job is named in place, shorter or longer; a lease of somebody else is left alone', (t) => {
	const path = folder(t);
	const file = join(path, 'k');
	const leases = new Leases(path);
	leases.take('k', 1);
	leases.name('k', 1, process.pid);
	t.is(recordOf(file)?.child?.pid, process.pid);
	leases.name('k', 2, undefined);
	t.is(recordOf(file)?.child, undefined);
	t.is(recordOf(file)?.attempt, 2);
	t.deepEqual(leases.beat(), []);
	foreign(file, { attempt: 7 });
	leases.name('k', 3, process.pid);
	t.is(recordOf(file)?.attempt, 7);
	t.deepEqual(leases.beat(), ['k']);
	rmSync(file);
	leases.name('k', 3, process.pid);
	t.deepEqual(readdirSync(path), []);
});
