import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { alone } from '../../../src/data/lock.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'gimlet-lock-'));
const host = hostname().replace(/[^a-z0-9-]/giu, '_');

function place(dir: string, where: string, pid: number, token = '0123456789abcdef'): string {
	const path = join(dir, `.prepare.${where}.${pid}.${token}.lock`);
	writeFileSync(path, '');
	return path;
}

// A number no process has: the kernel's highest is 4,194,304.
const dead = 4_999_999;

test('of twenty at once, one at a time; nothing stays behind', async (t) => {
	const dir = folder();
	let inside = 0;
	const order: number[] = [];
	await Promise.all(
		Array.from({ length: 20 }, (_, i) =>
			alone(dir, async () => {
				inside += 1;
				t.is(inside, 1);
				await sleep(5);
				inside -= 1;
				order.push(i);
			}),
		),
	);
	t.is(new Set(order).size, 20);
	t.deepEqual(readdirSync(dir), []);
});

test('several processes that all find dead ones in their way take turns', async (t) => {
	const dir = folder();
	place(dir, host, dead);
	place(dir, host, dead + 1);
	const runs = Array.from({ length: 4 }, () => execa('node', ['--import=tsx', lockUser, dir], { reject: false }));
	for (const { exitCode, stderr, stdout } of await Promise.all(runs)) {
		t.is(exitCode, 0, stderr);
		t.is(stdout, '5');
	}
	t.deepEqual(readdirSync(dir), []);
});

const lockUser = new URL('../../fixtures/data/lock-user.ts', import.meta.url).pathname;

test('the waiting are told once who is at work', async (t) => {
	const dir = folder();
	const told: number[] = [];
	let leave = (): void => {};
	const stay = new Promise<void>((done) => {
		leave = done;
	});
	const first = alone(dir, () => stay);
	const second = alone(
		dir,
		async () => 'done',
		(pid) => told.push(pid),
	);
	await sleep(400);
	t.deepEqual(told, [process.pid]);
	leave();
	t.is(await second, 'done');
	await first;
});

test('an error of the work gives the folder free', async (t) => {
	const dir = folder();
	await t.throwsAsync(
		alone(dir, () => Promise.reject(new Error('work'))),
		{ message: 'work' },
	);
	t.deepEqual(readdirSync(dir), []);
});

for (const [what, where, pid, age] of [
	['a process that is gone', host, dead, 0],
	['an earlier process of our own number', host, process.pid, 0],
	['one that has given no sign of life for long', host, process.ppid, 100],
	['one of another machine without a sign of life', 'elsewhere', 1, 100],
] as const) {
	test(`nobody waits for ${what}`, async (t) => {
		const dir = folder();
		const path = place(dir, where, pid);
		const then = new Date(Date.now() - age * 1000);
		utimesSync(path, then, then);
		t.is(
			await alone(
				dir,
				async () => 'done',
				(holder) => t.fail(`waits for ${holder}`),
			),
			'done',
		);
		t.false(existsSync(path));
	});
}

for (const [what, where, pid] of [
	['a living process', host, process.ppid],
	['one of another machine', 'elsewhere', dead],
] as const) {
	test(`${what} is waited for until it leaves`, async (t) => {
		const dir = folder();
		const path = place(dir, where, pid);
		let isDone = false;
		const work = alone(dir, async () => {
			isDone = true;
		});
		await sleep(500);
		t.false(isDone);
		rmSync(path);
		await work;
		t.true(isDone);
	});
}
