import test from 'ava';
import { pairedTest, spreadOf } from '../../../src/reports/statistics.ts';
import { tCumulative, tQuantile } from '../../../src/reports/student-t.ts';

// From the tables of Student's t in any statistics book.
const quantiles: ReadonlyArray<readonly [number, number, number]> = [
	[0.975, 1, 12.7062],
	[0.975, 2, 4.3027],
	[0.975, 4, 2.7764],
	[0.95, 10, 1.8125],
	[0.995, 30, 2.75],
	[0.975, 1000, 1.9623],
];

test("Student's t", (t) => {
	for (const [p, freedom, value] of quantiles) {
		t.true(Math.abs(tQuantile(p, freedom) - value) < 5e-5, `${p}, ${freedom}: ${tQuantile(p, freedom)}`);
		t.true(Math.abs(tQuantile(1 - p, freedom) + value) < 5e-5);
	}
	// One degree of freedom is the Cauchy distribution.
	for (const x of [-3, 0, 0.5, 20]) {
		t.true(Math.abs(tCumulative(x, 1) - (0.5 + Math.atan(x) / Math.PI)) < 1e-12);
	}
});

test('spread and paired comparison against values worked out by hand', (t) => {
	const { mean, sd, low, high } = spreadOf([1, 2, 3, 4]);
	t.is(mean, 2.5);
	t.is(sd, Math.sqrt(5 / 3));
	t.true(Math.abs(high - mean - (3.18245 * sd) / 2) < 1e-4 && Math.abs(mean - low - (high - mean)) < 1e-12);
	// t = 2 with 3 degrees of freedom: mean 1, sd 1, n = 4.
	const shifted = [1 - Math.sqrt(1.5), 1, 1, 1 + Math.sqrt(1.5)];
	t.true(Math.abs(pairedTest(shifted).p - 0.139326) < 1e-5, String(pairedTest(shifted).p));
	t.is(pairedTest([0, 0]).p, 1);
});

test('too few values give NaN, not a figure', (t) => {
	t.is(spreadOf([3]).mean, 3);
	t.true([spreadOf([3]).sd, spreadOf([3]).low, spreadOf([]).mean, pairedTest([1]).p].every(Number.isNaN));
});
