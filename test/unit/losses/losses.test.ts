import type * as tfc from '@tensorflow/tfjs-core';
import test from 'ava';
import type { Loss } from '../../../src/train/contracts/loss.ts';
import type { Model } from '../../../src/train/contracts/model.ts';
import '../../../src/losses/binary_cross_entropy.ts';
import '../../../src/losses/cross_entropy.ts';
import '../../../src/losses/huber.ts';
import '../../../src/losses/mae.ts';
import '../../../src/losses/mse.ts';
import '../../../src/models/mlp.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { classes, make, numbers, Streams, tf } from '../../fixtures/parts.ts';

const none = undefined as unknown as Model;

/** Values of the parts, rounded. */
function parts(loss: Loss, outputs: tfc.Tensor, targets: tfc.Tensor, model = none): Record<string, number> {
	const result = loss.parts(outputs, targets, model);
	return Object.fromEntries(Object.entries(result).map(([name, part]) => [name, numbers(part)[0]!]));
}

const near = (a: number, b: number, tolerance = 1e-5) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

const rows = [
	[2, -1, 0.5],
	[-3, 4, 0],
];
const labels = [2, 1];

function smoothed(epsilon: number): number {
	const each = rows.map((row, at) => {
		const log = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
		return row.reduce((sum, x, k) => sum - ((k === labels[at] ? 1 - epsilon : 0) + epsilon / 3) * (x - log), 0);
	});
	return (each[0]! + each[1]!) / 2;
}

for (const epsilon of [0, 0.1]) {
	test(`cross_entropy with label smoothing ${epsilon} is the mean of -Σ q log p`, (t) => {
		const loss = make<Loss>('cross_entropy', { label_smoothing: epsilon });
		const result = parts(loss, tf.tensor(rows), tf.tensor1d(labels, 'int32'));
		t.deepEqual(Object.keys(result), ['cross_entropy']);
		t.true(near(result['cross_entropy']!, smoothed(epsilon)), JSON.stringify(result));
	});
}

test('cross_entropy of huge logits is exact, not infinite', (t) => {
	const result = parts(make<Loss>('cross_entropy'), tf.tensor([[1e4, -1e4]]), tf.tensor1d([1], 'int32'));
	t.is(result['cross_entropy'], 2e4);
});

const real: [string, Record<string, unknown>, (d: number) => number][] = [
	['mse', {}, (d) => d * d],
	['mae', {}, (d) => Math.abs(d)],
	['huber', { delta: 0.5 }, (d) => (Math.abs(d) <= 0.5 ? (d * d) / 2 : 0.5 * (Math.abs(d) - 0.25))],
];
const outputs = [0.2, -1, 3, 0.5];
const targets = [0, 1, 2.9, 0.5];

for (const [name, parameters, formula] of real) {
	test(`${name} is the mean over values and batch`, (t) => {
		const loss = make<Loss>(name, parameters);
		const mean = outputs.reduce((sum, y, at) => sum + formula(y - targets[at]!), 0) / 4;
		t.true(near(parts(loss, tf.tensor(outputs, [2, 2]), tf.tensor(targets, [2, 2]))[name]!, mean));
		t.true(near(parts(loss, tf.tensor(outputs, [4, 1]), tf.tensor(targets, [4]))[name]!, mean));
	});

	test(`${name} refuses class numbers against logits`, (t) => {
		t.throws(() => parts(make<Loss>(name), tf.tensor(rows), tf.tensor1d(labels, 'int32')), { instanceOf: UsageError });
	});
}

test('cross_entropy refuses real-valued targets', (t) => {
	t.throws(() => parts(make<Loss>('cross_entropy'), tf.tensor(rows), tf.tensor(rows)), { message: /class numbers/ });
});

test('binary_cross_entropy takes 0..1 answers, and classes as one answer each', (t) => {
	const loss = make<Loss>('binary_cross_entropy');
	const p = (x: number) => 1 / (1 + Math.exp(-x));
	const one = (x: number, z: number) => -z * Math.log(p(x)) - (1 - z) * Math.log(1 - p(x));
	const soft = parts(loss, tf.tensor([0.3, -2], [2, 1]), tf.tensor([1, 0.25]))['binary_cross_entropy']!;
	t.true(near(soft, (one(0.3, 1) + one(-2, 0.25)) / 2));
	const numbered = parts(loss, tf.tensor([[0.3, -2]]), tf.tensor1d([1], 'int32'))['binary_cross_entropy']!;
	t.true(near(numbered, (one(0.3, 0) + one(-2, 1)) / 2));
	const far = parts(loss, tf.tensor([[500]]), tf.tensor([[0]]))['binary_cross_entropy']!;
	t.is(far, 500);
});

test('every gradient agrees with central differences', (t) => {
	const cases: [string, Record<string, unknown>, tfc.Tensor, tfc.Tensor][] = [
		['cross_entropy', { label_smoothing: 0.1 }, tf.tensor(rows), tf.tensor1d(labels, 'int32')],
		['binary_cross_entropy', {}, tf.tensor(rows), tf.tensor1d(labels, 'int32')],
		['mse', {}, tf.tensor(outputs, [2, 2]), tf.tensor(targets, [2, 2])],
		['huber', { delta: 0.5 }, tf.tensor(outputs, [2, 2]), tf.tensor(targets, [2, 2])],
	];
	for (const [name, parameters, at, truth] of cases) {
		const loss = make<Loss>(name, parameters);
		const value = (x: tfc.Tensor) => loss.parts(x, truth, none)[name]!;
		const gradient = numbers(tf.grad(value)(at));
		const base = numbers(at);
		gradient.forEach((found, i) => {
			const shifted = (by: number) =>
				numbers(
					value(
						tf.tensor(
							base.map((x, j) => (i === j ? x + by : x)),
							at.shape,
						),
					),
				)[0]!;
			t.true(Math.abs((shifted(0.01) - shifted(-0.01)) / 0.02 - found) < 2e-3, `${name}[${i}]: ${found}`);
		});
	}
});

test('l2 is its own part, only when asked, over kernels alone', (t) => {
	const model = make<Model>('mlp', { units: [2] });
	void model.build(classes([3], 3), new Streams(1));
	const squares = model
		.variables()
		.filter(({ name }) => name.endsWith('/kernel'))
		.flatMap(({ variable }) => numbers(variable))
		.reduce((sum, w) => sum + w * w, 0);
	for (const { name, variable } of model.variables()) {
		if (name.endsWith('/bias')) {
			variable.assign(tf.onesLike(variable));
		}
	}
	const truth = tf.tensor1d(labels, 'int32');
	t.deepEqual(Object.keys(parts(make<Loss>('cross_entropy'), tf.tensor(rows), truth, model)), ['cross_entropy']);
	const asked = parts(make<Loss>('cross_entropy', { l2: 0.5 }), tf.tensor(rows), truth, model);
	t.deepEqual(Object.keys(asked), ['cross_entropy', 'l2']);
	t.true(near(asked['l2']!, 0.25 * squares));
});
