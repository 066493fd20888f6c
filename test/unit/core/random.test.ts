import test from 'ava';
import fc from 'fast-check';
import { type Stream, Streams } from '../../../src/core/random.ts';

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const names = fc.constantFrom('init', 'shuffle', 'augment', 'dropout', 'noise', 'split', 'sample');

test('equal seeds and names draw equally, others differently', (t) => {
	fc.assert(
		fc.property(seeds, seeds, names, names, (seed, otherSeed, name, otherName) => {
			const drawn = draw(new Streams(seed).stream(name));
			t.deepEqual(draw(new Streams(seed).stream(name)), drawn);
			if (otherSeed !== seed) {
				t.notDeepEqual(draw(new Streams(otherSeed).stream(name)), drawn);
			}
			if (otherName !== name) {
				t.notDeepEqual(draw(new Streams(seed).stream(otherName)), drawn);
			}
		}),
	);
});

test('the first numbers of a seed never change between versions', (t) => {
	const stream = new Streams(42).stream('init');
	t.deepEqual([stream.uint32(), stream.uint32(), stream.int(1000), stream.seed()], pinned);
});

test('drawing from one stream moves no other', (t) => {
	const untouched = draw(new Streams(1).stream('init'));
	const streams = new Streams(1);
	draw(streams.stream('shuffle'));
	streams.stream('shuffle').fork('a').normal();
	t.deepEqual(draw(streams.stream('init')), untouched);
});

test('a stream is one object by name, so that it goes on', (t) => {
	const streams = new Streams(1);
	t.notDeepEqual(draw(streams.stream('noise')), draw(streams.stream('noise')));
});

test('a fork depends on its name and not on what has been drawn', (t) => {
	const stream = new Streams(5).stream('augment');
	const early = draw(stream.fork('epoch 3'));
	draw(stream);
	t.deepEqual(draw(stream.fork('epoch 3')), early);
	t.notDeepEqual(draw(stream.fork('epoch 4')), early);
	t.notDeepEqual(draw(new Streams(5).stream('augment')), early);
});

test('a state restored through JSON goes on exactly, whatever had been drawn', (t) => {
	fc.assert(
		fc.property(seeds, fc.array(fc.constantFrom('uint32', 'uniform', 'normal', 'seed')), (seed, calls) => {
			const streams = new Streams(seed);
			for (const call of calls) {
				streams.stream('noise')[call as 'uint32']();
			}
			const saved = JSON.parse(JSON.stringify(streams.state()));
			const expected = draw(streams.stream('noise'));
			const restored = new Streams(seed);
			draw(restored.stream('noise'));
			draw(restored.stream('shuffle'));
			restored.restore(saved);
			t.deepEqual(draw(restored.stream('shuffle')), draw(new Streams(seed).stream('shuffle')));
			if (calls.length > 0) {
				t.deepEqual(draw(restored.stream('noise')), expected);
			}
		}),
	);
});

test('whole numbers are in range and equally likely', (t) => {
	const stream = new Streams(3).stream('sample');
	for (const n of [1, 2, 3, 7, 10, 1000]) {
		const counts = new Array<number>(n).fill(0);
		const draws = 200 * n;
		for (let i = 0; i < draws; i += 1) {
			counts[stream.int(n)]! += 1;
		}
		t.is(
			counts.reduce((a, b) => a + b),
			draws,
		);
		// Chi-squared has mean n-1 and variance 2(n-1).
		t.true(chiSquared(counts, 200) <= n - 1 + 5 * Math.sqrt(2 * n), `n = ${n}`);
	}
});

test('whole numbers of large ranges have no favourites', (t) => {
	// 3 × 2³⁰ divides 2³² badly: reducing by remainder would draw the lowest third twice as often.
	const stream = new Streams(4).stream('sample');
	const thirds = [0, 0, 0];
	for (let i = 0; i < 30_000; i += 1) {
		thirds[Math.floor(stream.int(3 * 2 ** 30) / 2 ** 30)]! += 1;
	}
	t.true(chiSquared(thirds, 10_000) < 14, `${thirds}`);
	t.true(stream.int(Number.MAX_SAFE_INTEGER) > 2 ** 40);
});

test('uniforms fill [0, 1) evenly, with bits below 2⁻³²', (t) => {
	const stream = new Streams(8).stream('augment');
	const counts = new Array<number>(20).fill(0);
	let hasFineBits = false;
	for (let i = 0; i < 20_000; i += 1) {
		const value = stream.uniform();
		hasFineBits ||= !Number.isInteger(value * 2 ** 40);
		counts[Math.floor(value * 20)]! += 1;
	}
	t.true(hasFineBits);
	t.is(counts.length, 20);
	t.true(chiSquared(counts, 1000) < 19 + 5 * Math.sqrt(38));
});

test('normals have mean 0, variance 1, no skew and the tails of a normal', (t) => {
	const stream = new Streams(9).stream('noise');
	const values = Array.from({ length: 40_000 }, () => stream.normal());
	const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
	near(moment(1), 0, 0.025);
	near(moment(2), 1, 0.04);
	near(moment(3), 0, 0.1);
	near(moment(4), 3, 0.25);
	near(values.filter((value) => Math.abs(value) > 1.96).length / values.length, 0.05, 0.006);

	function near(value: number, expected: number, tolerance: number): void {
		t.true(Math.abs(value - expected) < tolerance, `${value} is not near ${expected}`);
	}
});

test('a permutation holds every number once', (t) => {
	fc.assert(
		fc.property(seeds, fc.integer({ min: 0, max: 300 }), (seed, n) => {
			const order = new Streams(seed).stream('shuffle').permutation(n);
			t.deepEqual(
				[...order].sort((a, b) => a - b),
				[...new Array(n).keys()],
			);
		}),
	);
});

test('all permutations are equally likely', (t) => {
	const stream = new Streams(10).stream('shuffle');
	const counts = new Map<string, number>();
	for (let i = 0; i < 24_000; i += 1) {
		const key = stream.permutation(4).join('');
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	t.is(counts.size, 24);
	t.true(chiSquared([...counts.values()], 1000) < 23 + 5 * Math.sqrt(46));
});

test('seeds for libraries are whole, 31 bits, and differ', (t) => {
	const stream = new Streams(0).stream('init');
	const drawn = Array.from({ length: 100 }, () => stream.seed());
	t.true(drawn.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31));
	t.is(new Set(drawn).size, 100);
});

test('ranges and seeds that make no sense are refused', (t) => {
	const stream = new Streams(0).stream('init');
	for (const n of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
		t.throws(() => stream.int(n), { instanceOf: RangeError });
	}
	for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
		t.throws(() => new Streams(seed), { instanceOf: RangeError });
	}
});

const pinned: number[] = [304_284_208, 2_091_983_439, 106, 837_939_857];

function draw(stream: Stream): number[] {
	return [stream.uint32(), stream.int(10), stream.uniform(), stream.normal(), stream.normal(), stream.normal()];
}

function chiSquared(counts: readonly number[], expected: number): number {
	return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
