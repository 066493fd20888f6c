import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '@tensorflow/tfjs-core';
import test from 'ava';
import { execa } from 'execa';
import { exitCodes, type GimletError } from '../../../src/core/errors.ts';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { sgdStep } from '../../../src/engine/fused-optimizers.ts';
import { findAdapter } from '../../../src/engine/gpu/dawn.ts';
import { guarded, replacements } from '../../../src/engine/gpu/nan.ts';
import { startTensorflow } from '../../../src/engine/gpu/tensorflow.ts';
import { webgpu } from '../../../src/engine/gpu/webgpu.ts';
import { tf } from '../../../src/engine/tf.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const found = await findAdapter(true);
const gpu = test.serial;
const skipped = 'missing' in found ? found.missing : undefined;

// Runs where there is an adapter, of software if need be; elsewhere says why not.
function onGpu(title: string, run: (t: import('ava').ExecutionContext) => Promise<void>): void {
	gpu(title, async (t) => {
		if (skipped !== undefined) {
			t.log(`skipped: ${skipped}`);
			t.pass();
			return;
		}
		await startEngine({ backend: 'gpu', allowSoftware: true });
		await run(t);
		await stopEngine();
	});
}

gpu('without a GPU, the error says what is missing and what to do', async (t) => {
	if (skipped === undefined && !('missing' in found) && !found.software) {
		t.log('skipped: this machine has a GPU');
		t.pass();
		return;
	}
	const error = (await t.throwsAsync(startEngine({ backend: 'gpu' }))) as GimletError;
	t.is(error.exitCode, exitCodes.environment);
	t.regex(error.message, /not installed|no Vulkan loader|has no driver|only a software adapter ".*SwiftShader/);
	t.regex(error.message, /install/i);
});

gpu('tfjs-node-gpu that does not load, or that finds no GPU, is named with its reason', async (t) => {
	const broken = await startTensorflow(() => {
		throw new Error('libcudart.so.11.0: cannot open shared object file\nat stack');
	});
	t.regex(broken ?? '', /does not load here: libcudart.so.11.0: cannot open shared object file$/);
	const { isNullOrUndefined } = (await import('node:util')).default as unknown as {
		isNullOrUndefined: (value: unknown) => boolean;
	};
	t.true(isNullOrUndefined(undefined), 'what newer versions of Node have removed is there for the package');
	t.regex((await startTensorflow(() => undefined)) ?? '', /another copy of @tensorflow\/tfjs-core/);
});

gpu('shaders of the library are asked to keep NaN', (t) => {
	const stock = readFileSync(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-webgpu'), 'utf8');
	for (const text of [...Object.keys(replacements), 'fn unaryOperation(a : f32) -> f32 {', 'fn activation(a : ']) {
		t.true(stock.includes(text), text);
	}
	const unary = 'fn unaryOperation(a : f32) -> f32 {\n return exp(a);\n }';
	t.regex(
		guarded(unary),
		/^fn unaryOperationOfNumber\(a : f32\) -> f32 \{\n return exp.*select\(.*, a, isnan\(a\)\)/su,
	);
	const packed = 'fn activation(a : vec4<f32>, coords : vec3<i32>) -> vec4<f32> { return clamp(a, 0, 6); }';
	t.regex(guarded(packed), /select\(activationOfNumber\(a, coords\), a, isnanVec4\(a\)\)/u);
	const question = 'fn unaryOperation(a : f32) -> f32 { return f32(isnan(a)); }';
	t.is(guarded(question), question);
});

onGpu('a synchronous read is refused with the way to read', async (t) => {
	const x = tf.add(tf.ones([2, 3]), 1);
	const error = t.throws(() => x.dataSync()) as GimletError;
	t.is(error.exitCode, exitCodes.environment);
	t.regex(error.message, /float32 tensor of shape \[2, 3\].*await tensor\.data\(\)/);
	t.deepEqual([...(await x.data())], Array(6).fill(2));
});

onGpu('a tensor larger than the GPU takes is named, with a batch that would fit', async (t) => {
	const most = webgpu().device.limits['maxStorageBufferBindingSize']!;
	const rows = Math.ceil(most / 4e6) * 2;
	const error = (await t.throwsAsync(async () => tf.fill([rows, 1_000_000], 1).data())) as GimletError;
	t.is(error.exitCode, exitCodes.environment);
	t.regex(error.message, new RegExp(`shape \\[${rows}, 1000000\\].*If its first axis is the batch, \\d+ would fit`));
	t.deepEqual([...(await tf.ones([2]).data())], [1, 1]);
});

onGpu('what the GPU refuses ends in an error and never in wrong numbers', async (t) => {
	const x = tf.add(tf.ones([4]), 1);
	webgpu().device.createShaderModule({ code: 'no shader' });
	const error = (await t.throwsAsync(async () => x.data())) as GimletError;
	t.is(error.exitCode, exitCodes.environment);
	t.regex(error.message, /the GPU refused a command/);
});

onGpu('an update in place leaves copies, and reads begun before it, as they were', async (t) => {
	const variable = tf.variable(tf.zeros([5]));
	const copy = tf.clone(variable);
	const gradient = tf.ones([5]);
	sgdStep({ variable, gradient, learningRate: 1 });
	const before = variable.data();
	sgdStep({ variable, gradient, learningRate: 1 });
	t.deepEqual([...(await before)], Array(5).fill(-1));
	t.deepEqual([...(await variable.data())], Array(5).fill(-2));
	t.deepEqual([...(await copy.data())], Array(5).fill(0));
});

onGpu('products of every tile and with long sums are right and the same again', async (t) => {
	for (const [m, n, k] of [
		[5, 20, 700],
		[20, 40, 520],
		[70, 9, 513],
		[33, 33, 777],
	] as const) {
		const a = Float32Array.from({ length: m * k }, (_, i) => Math.sin(i));
		const b = Float32Array.from({ length: k * n }, (_, i) => Math.cos(3 * i));
		const product = () => tf.matMul(tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])) as Tensor;
		const values = await product().data();
		let furthest = 0;
		for (let row = 0; row < m; row++) {
			for (let column = 0; column < n; column++) {
				let exact = 0;
				for (let i = 0; i < k; i++) {
					exact += a[row * k + i]! * b[i * n + column]!;
				}
				furthest = Math.max(furthest, Math.abs(values[row * n + column]! - exact));
			}
		}
		t.true(furthest < 2e-5 * Math.sqrt(k), `${m} x ${n} x ${k}: off by ${furthest}`);
		t.deepEqual(await product().data(), values);
	}
});

gpu('a program on the GPU that stops nothing ends by itself', async (t) => {
	if (skipped !== undefined) {
		t.log(`skipped: ${skipped}`);
		t.pass();
		return;
	}
	const program = `
		const { startEngine } = await import('./src/engine/backend.ts');
		const { tf } = await import('./src/engine/tf.ts');
		await startEngine({ backend: 'gpu', allowSoftware: true });
		console.log((await tf.add(tf.ones([1]), 1).data())[0]);
	`;
	const result = await execa('node', ['--import', 'tsx', '--input-type=module', '--eval', program], {
		cwd: root,
		timeout: 120_000,
	});
	t.is(result.stdout, '2');
	t.is(result.stderr, '');
});
