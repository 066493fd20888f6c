import test from 'ava';
import fc from 'fast-check';
import { choice, grid, logUniform, product, random, seeds, uniform, zip } from '../../../src/experiments/axes.ts';
import { pointKey } from '../../../src/experiments/point.ts';

test('grid: every combination in the order written, the last key fastest', (t) => {
	t.deepEqual(grid({ b: [1, 2], a: [[3, 4], 'x'] }), [
		{ b: 1, a: [3, 4] },
		{ b: 1, a: 'x' },
		{ b: 2, a: [3, 4] },
		{ b: 2, a: 'x' },
	]);
});

test('zip, seeds and their product', (t) => {
	t.deepEqual(zip({ a: [1, 2], b: [3, 4] }), [
		{ a: 1, b: 3 },
		{ a: 2, b: 4 },
	]);
	t.deepEqual(seeds(2), [{ 'train.seed': 1 }, { 'train.seed': 2 }]);
	t.deepEqual(seeds([7]), [{ 'train.seed': 7 }]);
	t.deepEqual(product(grid({ a: [1] }), seeds(2)), [
		{ a: 1, 'train.seed': 1 },
		{ a: 1, 'train.seed': 2 },
	]);
	t.deepEqual(product(), [{}]);
});

test('a generator is a sweep like any other', (t) => {
	const sweep = function* () {
		for (const depth of [1, 2]) {
			yield { 'mlp.units': Array.from({ length: depth }, () => 64) };
		}
	};
	t.deepEqual(
		product(sweep, seeds([1])).map((point) => point['mlp.units']),
		[[64], [64, 64]],
	);
});

test('random points are different, repeatable, within bounds, and more of them begin with the same', (t) => {
	const axes = { rate: logUniform(1e-4, 1e-1), drop: uniform(0, 0.5), size: choice([8, 16]) };
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 30 }), (seed, n) => {
			const points = random(axes, { n, seed });
			t.is(new Set(points.map(pointKey)).size, n);
			t.deepEqual(random(axes, { n: n + 5, seed }).slice(0, n), points);
			t.true(points.every(({ rate, drop }) => Number(rate) >= 1e-4 && Number(rate) <= 1e-1 && Number(drop) < 0.5001));
		}),
		{ numRuns: 20 },
	);
	t.notDeepEqual(random(axes, { n: 3, seed: 1 }), random(axes, { n: 3, seed: 2 }));
	const below = random({ rate: logUniform(1e-4, 1e-2) }, { n: 400 }).filter(({ rate }) => Number(rate) < 1e-3).length;
	t.true(below > 160 && below < 240, `${below} of 400 below the middle`);
});

test('mistakes', (t) => {
	t.throws(() => zip({ a: [1], b: [1, 2] }), { message: /a has 1, b has 2/u });
	t.throws(() => grid({ a: [] }), { message: /^a: expected a list/u });
	t.throws(() => product(grid({ a: [1] }), grid({ a: [2] })), { message: /axis a is given twice/u });
	t.throws(() => random({ a: choice([1, 2]) }, { n: 3 }), { message: /fewer than 3 different/u });
	t.throws(() => logUniform(0, 1), { message: /above 0/u });
	t.throws(() => uniform(1, 1), { message: /lower one first/u });
	t.throws(() => seeds(0), { message: /1 or more/u });
});
