import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { loadAddon } from '../../../src/engine/native-runner.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

// A process of its own, whose engine has threads that have worked, and then what ends it.
async function ended(backend: string, threads: number, end: string, before = '') {
	const program = `
		${before}
		const { startEngine } = await import('./src/engine/backend.ts');
		const { tf } = await import('./src/engine/tf.ts');
		await startEngine({ backend: '${backend}', threads: ${threads} });
		const a = tf.ones([300, 300]);
		process.stdout.write(String(tf.sum(tf.matMul(a, a)).dataSync()[0]));
		${end}
	`;
	const words = ['--import', 'tsx', '--input-type=module', '--eval', program];
	return execa('node', words, { cwd: root, timeout: 120_000, reject: false });
}

const ends: ReadonlyArray<readonly [string, string, { code?: number; signal?: string }]> = [
	['an error that nobody catches', "throw new Error('uncaught');", { code: 1 }],
	['process.exit', 'process.exit(7);', { code: 7 }],
	['a signal', "process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1000);", { signal: 'SIGINT' }],
];

for (const backend of ['wasm', 'native']) {
	const runs = backend === 'native' && typeof loadAddon() === 'string' ? test.serial.skip : test.serial;
	for (const [what, end, { code, signal }] of ends) {
		runs(`${backend}: ${what} ends the process, threads and all`, async (t) => {
			const { stdout, stderr, exitCode, signal: by, timedOut } = await ended(backend, 4, end);
			t.false(timedOut, stderr);
			t.is(stdout, String(300 ** 3), stderr);
			t.is(exitCode, code, stderr);
			t.is(by, signal as typeof by);
		});
	}
}

test.serial('wasm: threads that cannot start are missed, not fatal', async (t) => {
	const none = `
		const module = await import('node:module');
		const threads = module.createRequire(import.meta.url)('node:worker_threads');
		threads.Worker = class { constructor() { throw new Error('no threads here'); } };
		module.syncBuiltinESMExports();
	`;
	const { stdout, stderr, exitCode } = await ended('wasm', 3, '', none);
	t.is(exitCode, 0, stderr);
	t.is(stdout, String(300 ** 3));
	t.is(stderr.match(/a kernel thread ended: no threads here/gu)?.length, 2, stderr);
});
