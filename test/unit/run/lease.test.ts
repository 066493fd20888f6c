import { mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { RefusedError } from '../../../src/core/errors.ts';
import { acquireLease, leaseOwner } from '../../../src/run/lease.ts';
import { readLease } from '../../../src/run/lease-file.ts';
import { ownIdentity } from '../../../src/run/process-identity.ts';
import { currentState, setStatus } from '../../../src/run/status.ts';

const holder = fileURLToPath(new URL('../../fixtures/run/hold-lease.ts', import.meta.url));

test('a second request is refused and names the owner; after a release the folder is free', (t) => {
	const folder = newFolder();
	const lease = acquireLease(folder);
	const error = t.throws(() => acquireLease(folder), { instanceOf: RefusedError });
	t.is(error.exitCode, 3);
	t.true(error.message.includes(`pid ${process.pid}`) && error.message.includes(folder));
	t.true(leaseOwner(folder)?.alive);
	lease.check();
	lease.release();
	t.deepEqual(readdirSync(folder), []);
	t.is(leaseOwner(folder), undefined);
	t.throws(() => lease.check(), { message: /no longer owns the run/ });
});

test('an owner that died on this host is followed, with a notice', (t) => {
	const folder = newFolder();
	deadLock(folder, {});
	const lease = acquireLease(folder);
	t.regex(lease.notice ?? '', /took over .*pid 999999999/);
	lease.check();
	t.deepEqual(readdirSync(folder), ['run.lock']);
});

test('what a dead process left of a lock in the making is removed at once, what a living one makes is not', (t) => {
	const folder = newFolder();
	deadLock(folder, {});
	const path = join(folder, 'run.lock');
	const dead = readFileSync(path, 'utf8');
	const mine = JSON.stringify({ ...readLease(folder)!.record, ...ownIdentity() });
	writeFileSync(`${path}.after-1.2.tmp`, dead);
	writeFileSync(`${path}.3.tmp`, mine);
	writeFileSync(`${path}.4.tmp`, '');
	acquireLease(folder).release();
	t.deepEqual(readdirSync(folder).sort(), ['run.lock.3.tmp', 'run.lock.4.tmp']);
});

test('a pid that belongs to another process now, or to an earlier boot, is dead', (t) => {
	for (const change of [{ process_start: '1' }, { boot_id: 'another' }]) {
		const folder = newFolder();
		deadLock(folder, { pid: process.pid, ...change });
		t.notThrows(() => acquireLease(folder));
	}
});

test('an owner on another host is judged by its heartbeat, or robbed on request', (t) => {
	const folder = newFolder();
	deadLock(folder, { host: 'node7' });
	t.throws(() => acquireLease(folder), { message: /node7.*--steal/s });
	age(join(folder, 'run.lock'), 100);
	writeFileSync(join(folder, 'HEARTBEAT'), '');
	t.throws(() => acquireLease(folder), { message: /node7/ });
	age(join(folder, 'HEARTBEAT'), 50);
	t.throws(() => acquireLease(folder), { message: /node7/ });
	age(join(folder, 'HEARTBEAT'), 70);
	t.regex(acquireLease(folder).notice ?? '', /took over .*node7/);
	const other = newFolder();
	deadLock(other, { host: 'node7' });
	t.regex(acquireLease(other, { steal: true }).notice ?? '', /took the run from .*node7/);
});

test('a clock that goes five minutes ahead here changes nothing', (t) => {
	const { now } = Date;
	t.teardown(() => {
		Date.now = now;
	});
	const [damaged, elsewhere] = [newFolder(), newFolder()];
	writeFileSync(join(damaged, 'run.lock'), '{');
	deadLock(elsewhere, { host: 'node7' });
	writeFileSync(join(elsewhere, 'HEARTBEAT'), '');
	setStatus(elsewhere, { state: 'running' });
	Date.now = () => now() + 300_000;
	t.throws(() => acquireLease(damaged), { instanceOf: RefusedError });
	t.throws(() => acquireLease(elsewhere), { message: /node7/ });
	t.is(currentState(elsewhere), 'running');
});

test('a lock that cannot be read is respected while young', (t) => {
	const folder = newFolder();
	writeFileSync(join(folder, 'run.lock'), '{"pid');
	t.throws(() => acquireLease(folder), { message: /cannot be read/ });
	age(join(folder, 'run.lock'), 30);
	t.notThrows(() => acquireLease(folder));
});

test('a robbed owner notices, and its release does not free the folder', (t) => {
	const folder = newFolder();
	const first = acquireLease(folder);
	const second = acquireLease(folder, { steal: true });
	t.throws(() => first.check(), { instanceOf: RefusedError, code: 'run.lease_lost' });
	first.release();
	second.check();
	t.is(readLease(folder)?.token, second.record.token);
});

test('a take-over that died after its claim is followed in turn', (t) => {
	const folder = newFolder();
	deadLock(folder, {});
	const claim = join(folder, `run.lock.after-${'d'.repeat(32)}`);
	writeFileSync(claim, deadRecord({ token: 'e'.repeat(32) }));
	const lease = acquireLease(folder);
	lease.check();
	t.deepEqual(readdirSync(folder), ['run.lock']);
});

test.serial('of many processes at one dead lease exactly one wins', async (t) => {
	const folder = newFolder();
	deadLock(folder, {});
	const children = Array.from({ length: 6 }, () => hold(folder, '60'));
	const refused: unknown[] = [];
	await new Promise<void>((resolve) => {
		for (const child of children) {
			void child.then(({ exitCode }) => refused.push(exitCode) === children.length - 1 && resolve());
		}
	});
	t.deepEqual(refused, [3, 3, 3, 3, 3]);
	for (const child of children) {
		child.kill('SIGKILL');
	}
	await Promise.all(children);
	t.is(new Set(readFileSync(join(folder, 'writers.txt'), 'utf8').trim().split('\n')).size, 1);
});

test.serial('a stopped owner that was robbed writes nothing once it continues', async (t) => {
	const folder = newFolder();
	const owner = hold(folder, '30');
	t.teardown(() => owner.kill('SIGKILL'));
	await said(owner, 'won');
	owner.kill('SIGSTOP');
	const thief = await hold(folder, '0', 'steal');
	t.regex(thief.stdout, /^won .*took the run from/);
	const before = statSync(join(folder, 'writers.txt')).size;
	owner.kill('SIGCONT');
	const { exitCode, stdout } = await owner;
	t.is(exitCode, 3);
	t.regex(stdout, /no longer owns/);
	const one = `${owner.pid}\n`.length;
	// Stopped between the check and the write, it may finish that one write.
	t.true(statSync(join(folder, 'writers.txt')).size <= before + one);
});

function hold(folder: string, ...args: string[]) {
	return execa(process.execPath, ['--import=tsx', holder, folder, ...args], { reject: false });
}

function said(child: ReturnType<typeof hold>, word: string): Promise<void> {
	return new Promise((resolve) => {
		child.stdout.on('data', (chunk) => String(chunk).includes(word) && resolve());
	});
}

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-lease-'));
}

function age(path: string, seconds: number): void {
	const time = Date.now() / 1000 - seconds;
	utimesSync(path, time, time);
}

function deadLock(folder: string, change: object): void {
	writeFileSync(join(folder, 'run.lock'), deadRecord(change));
}

// As this process would write it, with a pid that cannot exist.
function deadRecord(change: object): string {
	const lease = acquireLease(newFolder());
	return JSON.stringify({ ...lease.record, token: 'd'.repeat(32), pid: 999_999_999, ...change });
}
