import test from 'ava';
import type { Callback, Logs } from '../../../src/train/contracts/callback.ts';
import '../../../src/callbacks/gradient_clip.ts';
import '../../../src/callbacks/weight_average.ts';
import { make, numbers, tf, variable } from '../../fixtures/parts.ts';
import { carryOver, played } from '../../fixtures/training.ts';

const gradients = () => ({ a: tf.tensor([3, 0]), b: tf.tensor([[0], [-4]]) });

function clipped(parameters: Record<string, unknown>) {
	const clip = make<Callback>('gradient_clip', parameters);
	const before = tf.memory().numTensors;
	const result = clip.onGradients(played([clip]).training, gradients());
	const all = { a: numbers(result['a']!), b: numbers(result['b']!), shape: result['b']!.shape };
	tf.dispose(result);
	return { ...all, leaked: tf.memory().numTensors - before };
}

const near = (a: number[], b: number[]) => a.every((value, at) => Math.abs(value - b[at]!) < 1e-6);

test('gradient_clip scales by the global norm, by each norm, or cuts values', (t) => {
	const global = clipped({ limit: 1 });
	t.true(near([...global.a, ...global.b], [0.6, 0, 0, -0.8]));
	const each = clipped({ limit: 3.5, by: 'norm' });
	t.true(near([...each.a, ...each.b], [3, 0, 0, -3.5]));
	const value = clipped({ limit: 2, by: 'value' });
	t.deepEqual([...value.a, ...value.b], [2, 0, 0, -2]);
	for (const { leaked, shape } of [global, each, value]) {
		t.is(leaked, 0);
		t.deepEqual(shape, [2, 1]);
	}
});

test('gradient_clip leaves gradients within the limit as they are, bit for bit, and zeros finite', (t) => {
	const all = clipped({ limit: 5 });
	t.deepEqual([...all.a, ...all.b], [3, 0, 0, -4]);
	const clip = make<Callback>('gradient_clip');
	t.deepEqual(numbers(clip.onGradients(played([]).training, { a: tf.zeros([2]) })['a']!), [0, 0]);
});

test('gradient_clip logs the norm of the epoch, also across a restore in the middle', async (t) => {
	const create = () => make<Callback>('gradient_clip', { log: true });
	const world = played([]).training;
	let clip = create();
	tf.dispose(clip.onGradients(world, gradients()));
	await clip.onBatchEnd(world, {});
	clip = carryOver(clip, create());
	tf.dispose(clip.onGradients(world, { a: tf.tensor([2]) }));
	await clip.onBatchEnd(world, {});
	const logs: Logs = {};
	void clip.onEpochEnd(world, logs);
	t.deepEqual(logs, { 'gradient_norm/mean': 3.5, 'gradient_norm/max': 5 });
	const next: Logs = {};
	void clip.onEpochEnd(world, next);
	t.deepEqual(next, {});
});

/** Runs steps in which the weight becomes 1, 2, 3 …; the average is carried to a new callback before step `cut`. */
function averaged(parameters: Record<string, unknown>, steps: number, cut = -1) {
	const weight = variable('w', [0]);
	const create = () => make<Callback>('weight_average', parameters);
	let average = create();
	let { training } = played([average], [weight]);
	void average.onRunStart(training);
	for (let step = 1; step <= steps; step++) {
		if (step === cut) {
			const saved = Object.entries(average.tensors()).map(([name, tensor]) => [name, tf.tensor(numbers(tensor))]);
			const old = average;
			average = carryOver(old, create(), Object.fromEntries(saved));
			void old.onRunEnd(training, 'interrupted');
			training = played([average], [weight]).training;
			void average.onRunStart(training);
		}
		const value = tf.tensor([step]);
		weight.variable.assign(value);
		value.dispose();
		void average.onBatchEnd(training, {});
	}
	return { average, training, weight };
}

test('weight_average is the exponential average; evaluation sees it, training does not', (t) => {
	const before = tf.memory().numTensors;
	const { average, training, weight } = averaged({ decay: 0.5, warmup: false }, 3);
	// ((0 + 1)/2 + 2)/2 and so on.
	const expected = 0.5 * (0.5 * (0.5 * 0 + 0.5 * 1) + 0.5 * 2) + 0.5 * 3;
	t.deepEqual(numbers(average.tensors()['w']!), [expected]);
	void average.onEvaluateStart(training);
	t.deepEqual(numbers(weight.variable), [expected]);
	void average.onEvaluateEnd(training);
	t.deepEqual(numbers(weight.variable), [3]);
	void average.onRunEnd(training, 'finished');
	weight.variable.dispose();
	t.is(tf.memory().numTensors, before);
});

test('weight_average warms up: its decay at step n is at most (1 + n) / (10 + n)', (t) => {
	const { average } = averaged({ decay: 0.999 }, 2);
	const first = (1 - 2 / 11) * 1;
	t.true(near(numbers(average.tensors()['w']!), [(3 / 12) * first + (1 - 3 / 12) * 2]));
});

test('weight_average restored in the middle goes on bit for bit', (t) => {
	const straight = numbers(averaged({ decay: 0.9 }, 8).average.tensors()['w']!);
	for (const cut of [1, 4, 8]) {
		t.deepEqual(numbers(averaged({ decay: 0.9 }, 8, cut).average.tensors()['w']!), straight);
	}
});

test('a session that ends in an evaluation gives the weights back', (t) => {
	const { average, training, weight } = averaged({ decay: 0.5 }, 3);
	void average.onEvaluateStart(training);
	void average.onRunEnd(training, 'failed');
	t.deepEqual(numbers(weight.variable), [3]);
});
