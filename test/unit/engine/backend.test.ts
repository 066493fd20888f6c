import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { buildModule, type ModuleName, modules } from '../../../scripts/build-kernels.ts';
import { exitCodes, type GimletError } from '../../../src/core/errors.ts';
import { engineInfo, startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { kernelNames } from '../../../src/engine/kernels/names.ts';
import { loadAddon } from '../../../src/engine/native-runner.ts';
import { tf } from '../../../src/engine/tf.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test.serial('an unknown backend is a mistake of usage, with the nearest name', async (t) => {
	const error = (await t.throwsAsync(startEngine({ backend: 'wsam' }))) as GimletError;
	t.is(error.exitCode, exitCodes.usage);
	t.regex(error.message, /"wsam".*allowed are auto, gpu, native, wasm, cpu.*"wasm"/);
});

test.serial('a number of threads that is none is a mistake of usage', async (t) => {
	for (const threads of [0, -1, 1.5, 65, Number.NaN]) {
		const error = (await t.throwsAsync(startEngine({ backend: 'wasm', threads }))) as GimletError;
		t.is(error.exitCode, exitCodes.usage, String(threads));
	}
});

test.serial('OMP_NUM_THREADS is how many threads there are where nobody says', async (t) => {
	const before = process.env['OMP_NUM_THREADS'];
	t.teardown(() => {
		if (before === undefined) {
			delete process.env['OMP_NUM_THREADS'];
		} else {
			process.env['OMP_NUM_THREADS'] = before;
		}
	});
	for (const [text, threads] of [
		['3', 3],
		['2,1', 2],
		['400', 16],
		['', Math.min(16, availableParallelism())],
	] as const) {
		process.env['OMP_NUM_THREADS'] = text;
		t.is((await startEngine({ backend: 'wasm' })).threads, threads, text);
	}
	process.env['OMP_NUM_THREADS'] = 'all';
	t.is((await startEngine({ backend: 'wasm', threads: 2 })).threads, 2);
	const error = (await t.throwsAsync(startEngine({ backend: 'wasm' }))) as GimletError;
	t.is(error.exitCode, exitCodes.usage);
	t.regex(error.message, /OMP_NUM_THREADS: "all" is not a number of threads/);
});

test.serial('auto takes the compiled kernels where they exist', async (t) => {
	const info = await startEngine({ threads: 1 });
	t.is(info.tier, typeof loadAddon() === 'string' ? 'wasm' : 'native');
	t.is(engineInfo(), info);
	t.not(info.reason, '');
	await stopEngine();
	t.is(engineInfo(), undefined);
});

test.serial('a second engine forgets the tensors of the first', async (t) => {
	await startEngine({ backend: 'wasm', threads: 1 });
	const kept = tf.ones([3]);
	t.is(engineInfo(), await startEngine({ backend: 'wasm', threads: 1 }));
	t.deepEqual([...kept.dataSync()], [1, 1, 1]);
	await startEngine({ backend: 'wasm', threads: 2 });
	t.throws(() => kept.dataSync());
	t.deepEqual([...tf.ones([3]).dataSync()], [1, 1, 1]);
	await stopEngine();
});

test.serial('a tensor for which there is no room is named, and nothing else is lost', async (t) => {
	await startEngine({ backend: 'wasm', threads: 1 });
	const kept = tf.tensor1d([1, 2, 3]);
	for (const shape of [
		[20_000, 64_000],
		[1100, 1_000_000],
	]) {
		const error = t.throws(() => tf.zeros(shape)) as GimletError;
		t.is(error.exitCode, exitCodes.environment);
		t.true(error.message.includes(`float32 tensor of shape [${shape.join(', ')}]`), error.message);
		t.regex(error.message, /the batch, \d+ would fit/);
	}
	t.deepEqual([...tf.add(kept, 1).dataSync()], [2, 3, 4]);
	await stopEngine();
});

for (const backend of ['wasm', 'native', 'cpu']) {
	const runs = backend === 'native' && typeof loadAddon() === 'string' ? test.skip : test;
	runs(`${backend}: prints nothing of its own and never keeps the process alive`, async (t) => {
		const program = `
			const { startEngine } = await import('./src/engine/backend.ts');
			const { tf } = await import('./src/engine/tf.ts');
			await startEngine({ backend: '${backend}', threads: 2 });
			const a = tf.ones([300, 300]);
			process.stdout.write(String(tf.sum(tf.matMul(a, a)).dataSync()[0]));
		`;
		const arguments_ = ['--import', 'tsx', '--input-type=module', '--eval', program];
		const { stdout, stderr } = await execa('node', arguments_, { cwd: root, timeout: 60_000 });
		t.is(stdout, String(300 ** 3));
		t.is(stderr, '');
	});
}

test('every kernel has its number', async (t) => {
	const header = await readFile(path.join(root, 'src/engine/kernels/kernels.h'), 'utf8');
	const list = header.slice(header.indexOf('EACH_KERNEL(K)') + 'EACH_KERNEL(K)'.length);
	const names = [...list.matchAll(/K\((\w+)\)/g)].map((match) => match[1]);
	t.deepEqual(names, [...kernelNames]);
});

test('the committed modules are what their source builds', async (t) => {
	t.timeout(120_000);
	const folder = await mkdtemp(path.join(tmpdir(), 'kernels-'));
	for (const name of Object.keys(modules) as ModuleName[]) {
		const built = await buildModule(name, folder);
		if (built === undefined) {
			t.log(`${name} was not rebuilt: no clang with wasm-ld here that is new enough`);
			t.pass();
			continue;
		}
		const [own, committed] = await Promise.all([results(built), results(path.join(root, 'src/engine/kernels', name))]);
		t.is(own.length, 13 * 13);
		t.deepEqual(own, committed, name);
	}
	await rm(folder, { recursive: true });
});

// What a module computes for a small product: pack, then product, straight on a memory of its own.
async function results(file: string): Promise<number[]> {
	const program = `
		if (process.version.startsWith('v20.')) {
			require('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
		}
		const bytes = require('node:fs').readFileSync(process.argv[1]);
		const shared = process.argv[1].includes('threads');
		const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared });
		const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
		exports.__stack_pointer.value = 1 << 18;
		const [ints, floats] = [new Int32Array(memory.buffer), new Float32Array(memory.buffer)];
		const [job, a, b, packed, out] = [1 << 18, 1 << 19, 1 << 20, 1 << 21, 3 << 20];
		for (let i = 0; i < 13 * 29; i++) { floats[a / 4 + i] = Math.sin(i); floats[b / 4 + i] = Math.cos(i * 2); }
		const run = (kernel, units, words) => { ints.set([kernel, units, 1, 1 << 22, 0, ...words], job / 4); exports.run(job); };
		run(0, Math.ceil(13 / exports.tile_columns()), [packed, b, 29, 13, 13, 1, 0]);
		run(2, 1, [a, packed, out, 0, 13, 13, 29, 29, 0, 1, 0, 0]);
		console.log(JSON.stringify([...floats.subarray(out / 4, out / 4 + 13 * 13)]));
	`;
	const { stdout } = await execa('node', ['--eval', program, file]);
	return JSON.parse(stdout);
}
