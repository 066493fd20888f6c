import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import test from 'ava';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { batchNorm, conv2d, linear, sigmoidCrossEntropy, softmaxCrossEntropy } from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import { tiers } from './tiers.ts';

const rows = 3;
const columns = 4;

/** Functions of 12 values to one. */
const cases: Readonly<Record<string, (x: Tensor) => Tensor>> = {
	linear: (x) =>
		tf.sum(tf.pow(linear(x as Tensor2D, wave([columns, 5]) as Tensor2D, wave([5]) as Tensor1D, 'relu'), 3)),
	batchNorm: (x) => tf.sum(tf.pow(batchNorm(x, wave([columns]) as Tensor1D, wave([columns]) as Tensor1D).y, 3)),
};

function wave(shape: number[]): Tensor {
	const size = shape.reduce((a, b) => a * b, 1);
	return tf.tensor(
		Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 2.3 * i)),
		shape,
	);
}

for (const { name, backend, threads } of tiers.filter((tier) => tier.threads === 1)) {
	for (const [what, f] of Object.entries(cases)) {
		test.serial(`${name}: the second derivative of ${what} is that of its gradient`, async (t) => {
			await startEngine({ backend, threads });
			const first = tf.grad(f);
			const direction = wave([rows, columns]);
			const x = tf.mul(wave([rows, columns]), 0.7);
			const second = tf.grad((at: Tensor) => tf.sum(tf.mul(tf.grad(f)(at), direction)))(x);
			const step = 1e-2;
			const [ahead, behind] = [1, -1].map((sign) => first(tf.add(x, tf.mul(direction, sign * step))));
			const expected = tf.div(tf.sub(ahead!, behind!), 2 * step);
			const [found, wanted] = [second.dataSync(), expected.dataSync()];
			const largest = Math.max(...wanted.map(Math.abs));
			t.true(largest > 1e-3);
			found.forEach((value, i) => {
				t.true(Math.abs(value - wanted[i]!) < 0.02 * largest, `${i}: ${value} and not ${wanted[i]}`);
			});
			await stopEngine();
		});
	}

	test.serial(`${name}: losses in one pass refuse a second derivative`, async (t) => {
		await startEngine({ backend, threads });
		const x = wave([rows, columns]);
		const labels = tf.tensor1d([1, 3, 0], 'int32');
		const losses = {
			softmaxCrossEntropy: (at: Tensor) => tf.sum(softmaxCrossEntropy(at as Tensor2D, labels)),
			sigmoidCrossEntropy: (at: Tensor) =>
				tf.sum(sigmoidCrossEntropy(at as Tensor2D, wave([rows, columns]) as Tensor2D)),
		};
		for (const [what, f] of Object.entries(losses)) {
			t.is(tf.grad(f)(x).size, rows * columns);
			t.throws(() => tf.grad((at: Tensor) => tf.sum(tf.square(tf.grad(f)(at))))(x), {
				instanceOf: TypeError,
				message: new RegExp(`^${what}: its gradient cannot be differentiated again`, 'u'),
			});
		}
		await stopEngine();
	});

	test.serial(`${name}: a gradient penalty through a convolution`, async (t) => {
		await startEngine({ backend, threads });
		const filter = wave([2, 2, 1, 3]) as Tensor4D;
		const x = wave([1, 3, 4, 1]) as Tensor4D;
		const critic = (at: Tensor, w: Tensor) =>
			tf.sum(tf.square(conv2d(at as Tensor4D, w as Tensor4D, undefined, { pad: 'same' }))) as Tensor;
		const penalty = (w: Tensor) => tf.sum(tf.square(tf.grad((at: Tensor) => critic(at, w))(x)));
		const penaltyOf = (scale: number) => penalty(tf.mul(filter, scale)).dataSync()[0]!;
		// The critic is of the second degree in its weights, its gradient too, the penalty of the fourth.
		const ratio = penaltyOf(2) / penaltyOf(1);
		t.true(Math.abs(ratio - 16) < 1e-3, String(ratio));
		await stopEngine();
	});
}
