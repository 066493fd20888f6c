import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { startHeartbeat } from '../../../src/run/heartbeat.ts';
import { acquireLease } from '../../../src/run/lease.ts';

test.serial('beats at once, with the progress told, and a last time when stopped', async (t) => {
	const folder = newFolder();
	const heart = await startHeartbeat(folder, { intervalSeconds: 60 });
	t.like(read(folder), { schema: 'gimlet.heartbeat/1', pid: process.pid, epoch: 0, step: 0 });
	heart.progress(3, 1234);
	await heart.stop();
	t.like(read(folder), { epoch: 3, step: 1234 });
	t.true(Math.abs(Date.parse(read(folder).time) - Date.now()) < 10_000);
});

test.serial('beats while the main thread computes', async (t) => {
	const folder = newFolder();
	const heart = await startHeartbeat(folder, { intervalSeconds: 0.05 });
	const first = read(folder).time;
	const end = Date.now() + 600;
	while (Date.now() < end) {}
	// No event of this thread was handled in between.
	t.true(Date.parse(read(folder).time) - Date.parse(first) > 200);
	await heart.stop();
});

test.serial('stops writing once the lease belongs to another', async (t) => {
	const folder = newFolder();
	const lease = acquireLease(folder);
	const heart = await startHeartbeat(folder, { intervalSeconds: 0.03, token: lease.record.token });
	acquireLease(folder, { steal: true });
	await sleep(100);
	rmSync(join(folder, 'HEARTBEAT'));
	await sleep(200);
	t.is(statSync(join(folder, 'HEARTBEAT'), { throwIfNoEntry: false }), undefined);
	await heart.stop();
});

test.serial('does not keep the process alive', async (t) => {
	const url = new URL('../../../src/run/heartbeat.ts', import.meta.url).href;
	const code = `const { startHeartbeat } = await import('${url}'); await startHeartbeat('${newFolder()}');`;
	const { exitCode } = await execa(process.execPath, ['--import=tsx', '--input-type=module', '-e', code], {
		timeout: 20_000,
	});
	t.is(exitCode, 0);
});

function read(folder: string): { time: string; epoch: number; step: number } {
	return JSON.parse(readFileSync(join(folder, 'HEARTBEAT'), 'utf8'));
}

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), 'gimlet-heart-'));
}
