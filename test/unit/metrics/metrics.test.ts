import test from 'ava';
import fc from 'fast-check';
import type { DataSpec } from '../../../src/train/contracts/data.ts';
import type { Metric } from '../../../src/train/contracts/metric.ts';
import '../../../src/metrics/accuracy.ts';
import '../../../src/metrics/expected_calibration_error.ts';
import '../../../src/metrics/macro_f1.ts';
import '../../../src/metrics/mean_absolute_error.ts';
import '../../../src/metrics/mean_squared_error.ts';
import '../../../src/metrics/top_k_accuracy.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { classes, make, numbers, tf, values } from '../../fixtures/parts.ts';

function prepared(name: string, spec: DataSpec, parameters: Record<string, unknown> = {}): Metric {
	const metric = make<Metric>(name, parameters);
	metric.prepare(spec);
	return metric;
}

/** The figure over examples cut into batches of `size`. */
function figure(metric: Metric, outputs: number[][], targets: (number | number[])[], size = outputs.length): number {
	const totals = new Float64Array(metric.size);
	for (let from = 0; from < outputs.length; from += size) {
		const truth = targets.slice(from, from + size);
		const sums = tf.tidy(() => {
			const dtype = typeof truth[0] === 'number' ? 'int32' : 'float32';
			return metric.sums(tf.tensor2d(outputs.slice(from, from + size)), tf.tensor(truth as number[], undefined, dtype));
		});
		numbers(sums).forEach((sum, at) => {
			totals[at] = totals[at]! + sum;
		});
		sums.dispose();
	}
	return metric.result(totals, outputs.length);
}

const close = (a: number, b: number) => (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) < 1e-5;

const three = classes([2], 3);
const logits = [
	[3, 1, 2],
	[0, 0, 0],
	[1, 5, 2],
	[9, 1, 4],
];

test('accuracy counts the largest logit; of equal ones the lowest class answers', (t) => {
	const metric = prepared('accuracy', three);
	t.is(figure(metric, logits, [0, 0, 1, 2]), 0.75);
	t.is(figure(metric, logits, [0, 1, 1, 2]), 0.5);
	t.is(figure(metric, [[Number.NaN, Number.NaN, Number.NaN]], [0]), 0);
	t.deepEqual([metric.column, metric.direction], ['accuracy', 'max']);
});

test('one bin and one class are figures like any other', (t) => {
	const gap = Math.abs(1 - (1 / (1 + Math.exp(-2) + Math.exp(-1)) + 1 / 3 + 1 / (1 + Math.exp(-4) + Math.exp(-3))) / 3);
	const one = prepared('expected_calibration_error', three, { bins: 1 });
	t.true(close(figure(one, logits.slice(0, 3), [0, 0, 1]), gap));
	const single = classes([2], 1);
	t.is(figure(prepared('macro_f1', single), [[1], [2]], [0, 0]), 1);
	t.is(figure(prepared('accuracy', single), [[1], [2]], [0, 0]), 1);
	t.is(figure(prepared('expected_calibration_error', single), [[1], [2]], [0, 0]), 0);
});

test('top_k_accuracy counts the k largest and names its column after k', (t) => {
	const metric = prepared('top_k_accuracy', three, { k: 2 });
	t.is(figure(metric, logits, [2, 1, 0, 1]), 0.5);
	t.is(figure(metric, logits, [2, 2, 2, 2]), 0.75);
	t.is(metric.column, 'top_2_accuracy');
	t.throws(() => prepared('top_k_accuracy', three, { k: 3 }), { instanceOf: UsageError, message: /1 to 2/ });
});

test('macro_f1 averages the classes that occur or are answered', (t) => {
	const metric = prepared('macro_f1', classes([2], 4));
	const answers = [0, 0, 1, 1, 1].map((k) => [0, 1, 2, 3].map((at) => Number(at === k)));
	// Class 0: 2·1/(2+2); class 1: 2·2/(3+2); class 2: 0 of 1; class 3 has no score.
	t.true(close(figure(metric, answers, [0, 2, 1, 1, 0]), (0.5 + 0.8 + 0) / 3));
	t.is(metric.result(new Float64Array(12), 0), Number.NaN);
});

test('expected_calibration_error compares confidence and hits per bin', (t) => {
	const metric = prepared('expected_calibration_error', classes([2], 2), { bins: 10 });
	const row = (p: number) => [Math.log(p), Math.log(1 - p)];
	// Bin (0.6, 0.7]: confidence 1.3, hits 1; bin (0.9, 1]: confidence 0.95, hits 0.
	t.true(close(figure(metric, [row(0.65), row(0.65), row(0.95)], [0, 1, 1]), (0.3 + 0.95) / 3));
	t.is(metric.direction, 'min');
});

test('mean errors average over values and examples', (t) => {
	const spec = values([2], [2]);
	const [outputs, truth] = [
		[
			[1, 2],
			[0, -1],
		],
		[
			[0, 2],
			[3, 1],
		],
	];
	t.is(figure(prepared('mean_squared_error', spec), outputs!, truth!), (1 + 0 + 9 + 4) / 4);
	t.is(figure(prepared('mean_absolute_error', spec), outputs!, truth!), (1 + 0 + 3 + 2) / 4);
	t.deepEqual(
		['mean_squared_error', 'mean_absolute_error'].map((name) => make<Metric>(name).column),
		['mse', 'mae'],
	);
});

const classMetrics: [string, Record<string, unknown>][] = [
	['accuracy', {}],
	['top_k_accuracy', { k: 2 }],
	['macro_f1', {}],
	['expected_calibration_error', { bins: 5 }],
];
for (const [name, parameters] of classMetrics) {
	test(`${name} does not depend on the batch size`, (t) => {
		const metric = prepared(name, three, parameters);
		const row = fc.tuple(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 3, maxLength: 3 }), fc.nat(2));
		fc.assert(
			fc.property(fc.array(row, { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 9 }), (examples, size) => {
				const outputs = examples.map(([x]) => x);
				const truth = examples.map(([, k]) => k);
				t.true(close(figure(metric, outputs, truth), figure(metric, outputs, truth, size)));
			}),
			{ numRuns: 40 },
		);
	});

	test(`${name} refuses data without classes`, (t) => {
		t.throws(() => prepared(name, values([2]), parameters), { instanceOf: UsageError, message: new RegExp(name) });
	});
}

for (const name of ['mean_squared_error', 'mean_absolute_error']) {
	test(`${name} does not depend on the batch size, and refuses classes`, (t) => {
		const metric = prepared(name, values([1]));
		const pair = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }));
		fc.assert(
			fc.property(fc.array(pair, { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 9 }), (pairs, size) => {
				const outputs = pairs.map(([x]) => [x]);
				const truth = pairs.map(([, z]) => [z]);
				t.true(close(figure(metric, outputs, truth), figure(metric, outputs, truth, size)));
			}),
			{ numRuns: 40 },
		);
		t.throws(() => prepared(name, three), { instanceOf: UsageError, message: new RegExp(name) });
	});
}
