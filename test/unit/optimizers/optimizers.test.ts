import test from 'ava';
import type { Optimizer } from '../../../src/train/contracts/optimizer.ts';
import '../../../src/optimizers/adam.ts';
import '../../../src/optimizers/adamw.ts';
import '../../../src/optimizers/momentum.ts';
import '../../../src/optimizers/rmsprop.ts';
import '../../../src/optimizers/sgd.ts';
import { make, numbers, Streams, tf, variable } from '../../fixtures/parts.ts';

type Values = Record<string, number | boolean>;
/** One step of one number in float64: `s` holds whatever the rule remembers. */
type Reference = (w: number, g: number, s: Record<string, number>, rate: number, n: number) => number;

const keep = (s: Record<string, number>, name: string, value: number): number => {
	s[name] = value;
	return value;
};

// Written from the papers, apart from the rules under test.
const references: [string, Values, Reference][] = [
	['sgd', {}, (w, g, _s, rate) => w - rate * g],
	['sgd', { weight_decay: 0.1 }, (w, g, _s, rate) => w * (1 - rate * 0.1) - rate * g],
	['momentum', { momentum: 0.8 }, (w, g, s, rate) => w - rate * keep(s, 'v', 0.8 * (s['v'] ?? 0) + g)],
	[
		'momentum',
		{ momentum: 0.8, nesterov: true, weight_decay: 0.05 },
		(w, g, s, rate) => {
			const full = g + 0.05 * w;
			const v = keep(s, 'v', 0.8 * (s['v'] ?? 0) + full);
			return w - rate * (full + 0.8 * v);
		},
	],
	['adam', {}, (w, g, s, rate, n) => w - rate * adam(g, s, n)],
	['adam', { weight_decay: 0.1 }, (w, g, s, rate, n) => w - rate * adam(g + 0.1 * w, s, n)],
	['adamw', { weight_decay: 0.1 }, (w, g, s, rate, n) => w - rate * adam(g, s, n) - rate * 0.1 * w],
	[
		'rmsprop',
		{ decay: 0.8 },
		(w, g, s, rate) => w - (rate * g) / (Math.sqrt(keep(s, 'q', 0.8 * (s['q'] ?? 0) + 0.2 * g * g)) + 1e-8),
	],
	[
		'rmsprop',
		{ decay: 0.8, centered: true, momentum: 0.5, epsilon: 0.01 },
		(w, g, s, rate) => {
			const square = keep(s, 'q', 0.8 * (s['q'] ?? 0) + 0.2 * g * g);
			const mean = keep(s, 'm', 0.8 * (s['m'] ?? 0) + 0.2 * g);
			const step = g / (Math.sqrt(square - mean * mean) + 0.01);
			return w - rate * keep(s, 'v', 0.5 * (s['v'] ?? 0) + step);
		},
	],
];

function adam(g: number, s: Record<string, number>, n: number): number {
	const m = keep(s, 'm', 0.9 * (s['m'] ?? 0) + 0.1 * g);
	const v = keep(s, 'v', 0.999 * (s['v'] ?? 0) + 0.001 * g * g);
	return m / (1 - 0.9 ** n) / (Math.sqrt(v / (1 - 0.999 ** n)) + 1e-8);
}

const starts = [1.5, -0.7, 0.02, 3];

for (const [name, parameters, reference] of references) {
	test(`${name} ${JSON.stringify(parameters)} follows its float64 reference for 25 steps of changing rate`, (t) => {
		const optimizer = make<Optimizer>(name, parameters);
		const one = variable('a/kernel', starts, [2, 2]);
		const stream = new Streams(11).stream('gradients');
		const expected = [...starts];
		const memories = starts.map(() => ({}) as Record<string, number>);
		for (let n = 1; n <= 25; n++) {
			const drawn = starts.map(() => Math.fround(stream.normal() + 0.3));
			const rate = 0.05 / n;
			const gradient = tf.tensor(drawn, [2, 2]);
			optimizer.update([one], { 'a/kernel': gradient }, rate);
			gradient.dispose();
			drawn.forEach((g, at) => {
				expected[at] = reference(expected[at]!, g, memories[at]!, rate, n);
			});
		}
		numbers(one.variable).forEach((value, at) => {
			t.true(Math.abs(value - expected[at]!) < 2e-5, `${value} against ${expected[at]}`);
		});
		one.variable.dispose();
		optimizer.dispose();
	});

	test(`${name} ${JSON.stringify(parameters)}: 2k steps equal k, save, restore and k, bit for bit, without a leak`, (t) => {
		const before = tf.memory().numTensors;
		const train = (optimizer: Optimizer, weights: number[], from: number, to: number): number[] => {
			const one = variable('a/kernel', weights, [2, 2]);
			let held = -1;
			for (let n = from; n < to; n++) {
				const gradient = tf.tensor(
					starts.map((_, at) => Math.sin(n * 3 + at)),
					[2, 2],
				);
				optimizer.update([one], { 'a/kernel': gradient }, 0.1);
				gradient.dispose();
				held = held < 0 ? tf.memory().numTensors : held;
				t.is(tf.memory().numTensors, held);
			}
			const result = numbers(one.variable);
			one.variable.dispose();
			return result;
		};
		const straight = make<Optimizer>(name, parameters);
		const expected = train(straight, starts, 0, 10);

		const first = make<Optimizer>(name, parameters);
		const half = train(first, starts, 0, 5);
		const saved = Object.entries(first.slots()).map(([slot, tensor]) => [slot, numbers(tensor), tensor.shape] as const);
		const state = JSON.parse(JSON.stringify(first.state())) as Record<string, number>;
		first.dispose();
		const second = make<Optimizer>(name, parameters);
		second.restoreSlots(Object.fromEntries(saved.map(([slot, data, shape]) => [slot, tf.tensor(data, shape)])));
		second.restoreState(state);
		t.deepEqual(train(second, half, 5, 10), expected);

		straight.dispose();
		second.dispose();
		t.is(tf.memory().numTensors, before);
	});
}

test('weight decay leaves biases and norms alone unless asked, in every optimizer', (t) => {
	for (const name of ['sgd', 'momentum', 'adam', 'adamw', 'rmsprop']) {
		const moved = (decayAll: boolean): boolean => {
			const optimizer = make<Optimizer>(name, { weight_decay: 0.5, decay_all: decayAll });
			const bias = variable('a/bias', [1, 2]);
			const gradient = tf.zeros([2]);
			optimizer.update([bias], { 'a/bias': gradient }, 0.1);
			const after = numbers(bias.variable);
			tf.dispose([gradient, bias.variable]);
			optimizer.dispose();
			return after[0] !== 1;
		};
		t.false(moved(false), name);
		t.true(moved(true), name);
	}
});

test('an update gives the variable a new buffer and leaves other variables alone', (t) => {
	const optimizer = make<Optimizer>('adam');
	const [one, two, still] = [variable('one', [1]), variable('two', [1]), variable('still', [1], [1], false)];
	const view = one.variable.clone();
	const gradient = tf.tensor([1]);
	optimizer.update([one, two, still], { one: gradient, still: gradient }, 0.1);
	t.deepEqual(numbers(view), [1]);
	t.notDeepEqual(numbers(one.variable), [1]);
	t.deepEqual([...numbers(two.variable), ...numbers(still.variable)], [1, 1]);
	t.deepEqual(Object.keys(optimizer.slots()), ['m/one', 'v/one']);
	tf.dispose([view, gradient, one.variable, two.variable, still.variable]);
	optimizer.dispose();
});

test('a gradient without a variable, a foreign slot and a broken state are refused by name', (t) => {
	const optimizer = make<Optimizer>('momentum');
	const one = variable('dense/kernel', [1]);
	t.throws(() => optimizer.update([one], { 'dense/kernle': one.variable }, 1), {
		message: /dense\/kernle.*dense\/kernel/s,
	});
	t.throws(() => optimizer.restoreSlots({ 'm/dense/kernel': one.variable }), { message: /it keeps velocity/ });
	t.throws(() => optimizer.restoreState({}), { message: /step count is undefined/ });
	one.variable.dispose();
});
