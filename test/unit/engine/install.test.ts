import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

test('kernels built from another source are not used', (t) => {
	const addon = loadAddon('another');
	t.is(typeof addon, 'string');
});
