import type { Tensor } from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { tf } from '../../../src/engine/tf.ts';
import { convolution, depthwise, maxPooling, product } from './loops.ts';
import { tiers } from './tiers.ts';

// Sizes beyond a vector, a panel and a block, which the drawn examples of ops.test.ts are too small to reach.
const geometry = fc
	.record({
		image: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 })),
		channels: fc.tuple(
			fc.integer({ min: 1, max: 20 }),
			fc.integer({ min: 1, max: 40 }),
			fc.integer({ min: 1, max: 3 }),
		),
		window: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
		strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
		dilations: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
		pad: fc.oneof(
			fc.constantFrom('same' as const, 'valid' as const),
			fc
				.tuple(...([3, 3, 3, 3].map((max) => fc.integer({ min: 0, max })) as [fc.Arbitrary<number>]))
				.map((p) => p as unknown as number[])
				.map(
					([t, b, l, r]) =>
						[
							[0, 0],
							[t, b],
							[l, r],
							[0, 0],
						] as [number, number][],
				),
		),
	})
	.filter(({ image: [, h, w], window: [a, b], dilations: [p, q] }) => h > (a - 1) * p && w > (b - 1) * q);

const product3 = fc.record({
	m: fc.integer({ min: 1, max: 130 }),
	n: fc.integer({ min: 1, max: 70 }),
	k: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 370, max: 900 })),
	batches: fc.integer({ min: 1, max: 3 }),
	ta: fc.boolean(),
	tb: fc.boolean(),
	alone: fc.constantFrom('none', 'a', 'b'),
});

for (const { name, backend, threads } of tiers) {
	test.serial(`${name}: convolutions, their gradients and pooling on larger shapes`, async (t) => {
		await startEngine({ backend, threads });
		fc.assert(
			fc.property(geometry, ({ image, channels: [c, o, multiplier], window, strides, dilations, pad }) => {
				const xShape = [...image, c];
				const attrs = { strides, pad, dilations, dataFormat: 'NHWC' };
				const info = (filter: number[], deep: boolean) =>
					tf.backend_util.computeConv2DInfo(
						xShape as never,
						filter as never,
						strides,
						dilations,
						pad as never,
						undefined,
						deep,
					);
				const dense = info([...window, c, o], false);
				check('Conv2D', convolution, dense, xShape, [...window, c, o], attrs);
				const deep = info([...window, c, multiplier], true);
				check('DepthwiseConv2dNative', depthwise, deep, xShape, [...window, c, multiplier], attrs);
				checkPooling(xShape, { filterSize: window, strides, pad, dilations });
				// Four of the widest vectors and more, and NaN among the values.
				checkPooling([...image, 2 * o + 7 * c], { filterSize: window, strides, pad, dilations }, 0.02);
				tf.disposeVariables();
			}),
			{ numRuns: 60, seed: 3 },
		);
		await stopEngine();
		t.pass();
	});

	test.serial(`${name}: products of every orientation`, async (t) => {
		await startEngine({ backend, threads });
		fc.assert(
			fc.property(product3, ({ m, n, k, batches, ta, tb, alone }) => {
				const lead = (which: string) => (alone === which ? 1 : batches);
				const a = random([lead('a'), ...(ta ? [k, m] : [m, k])], 1);
				const b = random([lead('b'), ...(tb ? [n, k] : [k, n])], 2);
				const steps = { aStep: alone === 'a' ? 0 : m * k, bStep: alone === 'b' ? 0 : n * k };
				const exact = product(a.dataSync(), b.dataSync(), { batches, m, n, k, ta, tb, ...steps });
				compare('product', tf.matMul(a, b, ta, tb), exact);
			}),
			{ numRuns: 40, seed: 5 },
		);
		await stopEngine();
		t.pass();
	});
}

type Reference = typeof convolution;
type Info = Parameters<Reference>[3];

function check(kernel: string, exact: Reference, info: Info, xShape: number[], fShape: number[], attrs: object): void {
	const [x, f, dy] = [random(xShape, 1), random(fShape, 2), random(info.outShape, 3)];
	const { y, dx, df } = exact(x.dataSync(), f.dataSync(), dy.dataSync(), info);
	compare(kernel, run(kernel, { x, filter: f }, attrs), y);
	const back = kernel === 'Conv2D' ? 'Conv2DBackprop' : `${kernel}Backprop`;
	compare(`${back}Input`, run(`${back}Input`, { dy, filter: f }, { ...attrs, inputShape: xShape }), dx);
	compare(`${back}Filter`, run(`${back}Filter`, { x, dy }, { ...attrs, filterShape: fShape }), df);
}

type Pooling = 'filterSize' | 'strides' | 'dilations' | 'pad';

function checkPooling(shape: number[], attrs: { [name: string]: unknown }, shareOfNaN = 0): void {
	const { filterSize, strides, dilations, pad } = attrs as { [name in Pooling]: never };
	const info = tf.backend_util.computePool2DInfo(shape as never, filterSize, strides, dilations, pad);
	if (typeof pad !== 'string' && strandsWindows(info)) {
		return;
	}
	const [numbers, dy] = [random(shape, 1), random(info.outShape, 2)];
	const x = tf.where(tf.less(tf.abs(numbers), shareOfNaN), Number.NaN, numbers);
	const { y, dx } = maxPooling(x.dataSync(), dy.dataSync(), info);
	compare('MaxPool', run('MaxPool', { x }, attrs), y);
	compare('MaxPoolGrad', run('MaxPoolGrad', { input: x, dy, output: dy }, attrs), dx);
}

// Whether some window sees nothing but padding, for which a maximum has no meaning.
function strandsWindows({ padInfo, strideHeight, strideWidth, outHeight, outWidth, ...i }: Info): boolean {
	const sees = (index: number, stride: number, before: number, taps: number, dilation: number, length: number) =>
		Array.from({ length: taps }, (_, tap) => index * stride - before + tap * dilation).some(
			(at) => at >= 0 && at < length,
		);
	const rows = Array.from({ length: outHeight }, (_, row) =>
		sees(row, strideHeight, padInfo.top, i.filterHeight, i.dilationHeight, i.inHeight),
	);
	const columns = Array.from({ length: outWidth }, (_, column) =>
		sees(column, strideWidth, padInfo.left, i.filterWidth, i.dilationWidth, i.inWidth),
	);
	return !rows.every(Boolean) || !columns.every(Boolean);
}

function run(kernel: string, inputs: { [name: string]: Tensor }, attrs: object): Tensor {
	return tf.engine().runKernel(kernel, inputs, attrs as never) as Tensor;
}

function random(shape: readonly number[], seed: number): Tensor {
	return tf.randomUniform([...shape], -1, 1, 'float32', seed);
}

function compare(what: string, tensor: Tensor, exact: Float64Array): void {
	const data = tensor.dataSync();
	const largest = exact.reduce((most, x) => (Number.isNaN(x) ? most : Math.max(most, Math.abs(x))), 1e-3);
	const isNear = (x: number, y: number) => Math.abs(x - y) <= 2e-5 * largest || (Number.isNaN(x) && Number.isNaN(y));
	const wrong = exact.findIndex((x, i) => !isNear(x, data[i]!));
	if (wrong >= 0 || data.length !== exact.length) {
		throw new Error(`${what} [${tensor.shape}]: ${data[wrong]} at ${wrong}, not ${exact[wrong]}`);
	}
}

test.serial('wasm: with and without fused multiply-add', async (t) => {
	const before = process.env['GIMLET_SIMD'];
	try {
		for (const [wanted, simd] of [
			['', 'relaxed-simd'],
			['simd128', 'simd128'],
		] as const) {
			process.env['GIMLET_SIMD'] = wanted;
			for (const threads of [1, 2]) {
				t.is((await startEngine({ backend: 'wasm', threads })).simd, simd);
				const [m, k, n] = [37, 401, 19];
				const a = Array.from({ length: m * k }, (_, i) => Math.sin(i));
				const b = Array.from({ length: k * n }, (_, i) => Math.cos(2 * i));
				const got = tf.matMul(tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])).dataSync();
				for (let at = 0; at < m * n; at++) {
					const [row, column] = [Math.floor(at / n), at % n];
					const exact = Array.from({ length: k }, (_, i) => a[row * k + i]! * b[i * n + column]!);
					const sum = exact.reduce((total, term) => total + term, 0);
					t.true(Math.abs(got[at]! - sum) < 1e-4, `${simd}, ${threads} threads, element ${at}`);
				}
				await stopEngine();
			}
		}
	} finally {
		if (before === undefined) {
			delete process.env['GIMLET_SIMD'];
		} else {
			process.env['GIMLET_SIMD'] = before;
		}
	}
});
