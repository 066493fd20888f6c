import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { loadAddon } from '../../../src/engine/native-runner.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

// The script in a folder of its own, so that this checkout keeps its kernels.
async function install(env: { [name: string]: string }) {
	const folder = await mkdtemp(path.join(tmpdir(), 'install-'));
	await mkdir(path.join(folder, 'scripts'));
	await copyFile(path.join(root, 'scripts/install-native.mjs'), path.join(folder, 'scripts/install-native.mjs'));
	for (const linked of ['src', 'node_modules']) {
		await symlink(path.join(root, linked), path.join(folder, linked));
	}
	const { exitCode, stderr, stdout } = await execa(
		process.execPath,
		[path.join(folder, 'scripts/install-native.mjs')],
		{
			env,
			extendEnv: false,
			reject: false,
		},
	);
	await rm(folder, { recursive: true });
	return { exitCode, stdout, lines: stderr.split('\n') };
}

for (const [what, env] of [
	['no compiler', { PATH: '/nowhere' }],
	['a compiler that fails', { PATH: process.env['PATH'] ?? '', CC: 'false' }],
] as const) {
	test(`with ${what}, installation says so in one line and succeeds`, async (t) => {
		const { exitCode, stdout, lines } = await install(env);
		t.is(exitCode, 0);
		t.is(stdout, '');
		t.is(lines.length, 1, lines.join('\n'));
		t.regex(lines[0]!, /no native kernels .*WebAssembly/);
	});
}

test('a compiler that never ends is ended, with what it started', async (t) => {
	const folder = await mkdtemp(path.join(tmpdir(), 'compiler-'));
	const compiler = path.join(folder, 'cc');
	const pids = path.join(folder, 'pids');
	const hang = `sleep 1000 & echo $$ $! >>'${pids}'; wait`;
	await writeFile(compiler, `#!/bin/sh\nif [ "$1" = --version ]; then echo cc 1.0; else ${hang}; fi\n`, {
		mode: 0o755,
	});
	const { exitCode, lines } = await install({
		PATH: process.env['PATH'] ?? '',
		CC: compiler,
		GIMLET_BUILD_SECONDS: '2',
	});
	t.is(exitCode, 0);
	t.is(lines.length, 1, lines.join('\n'));
	t.regex(lines[0]!, /no native kernels .*did not end within/);
	const started = (await readFile(pids, 'utf8')).trim().split(/\s+/u).map(Number);
	t.true(started.length >= 2);
	// Killed already, though not everything may have been told yet.
	for (let i = 0; i < 100 && started.some(isAlive); i++) {
		await sleep(100);
	}
	t.deepEqual(started.filter(isAlive), []);
	await rm(folder, { recursive: true });
});

test('kernels built from another source are not used', (t) => {
	const addon = loadAddon('another');
	t.is(typeof addon, 'string');
});

// One that has ended and waits to be asked for its exit code is not alive.
function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return process.platform !== 'linux' || !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}
