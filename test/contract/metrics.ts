import type { Tensor } from '@tensorflow/tfjs-core';
import '../../src/metrics/accuracy.ts';
import '../../src/metrics/expected_calibration_error.ts';
import '../../src/metrics/macro_f1.ts';
import '../../src/metrics/mean_absolute_error.ts';
import '../../src/metrics/mean_squared_error.ts';
import '../../src/metrics/top_k_accuracy.ts';
import { tf } from '../../src/engine/tf.ts';
import { declared } from '../../src/registry/registry.ts';
import type { DataSpec } from '../../src/train/contracts/data.ts';
import type { Metric } from '../../src/train/contracts/metric.ts';

const missing = Number.NaN;
const ofClasses: DataSpec = { shape: [2], target: { type: 'class', classes: 4 }, units: '' };
const ofValues: DataSpec = { shape: [2], target: { type: 'values', shape: [1] }, units: '' };

// Each row would be right if a comparison with NaN were no, or if the first NaN were an answer.
const broken = [
	[missing, 0, 1, 0],
	[1, missing, 0, 0],
	[3, 2, 1, missing],
	[missing, missing, missing, missing],
];
const answers = [0, 1, 0, 0];

/** What metrics say of outputs that are not numbers: [metric, figure, what is right]. */
export async function figuresOfBroken(): Promise<Array<readonly [string, number, number]>> {
	const classes = tf.tensor1d(answers, 'int32');
	const values = [[1, missing].map((x) => [x]), tf.tensor1d([1, 1])] as const;
	const beyond = [Array.from({ length: 2 }, () => [-1, -2, -3, -4]), tf.tensor1d([4, -1], 'int32')] as const;
	const rows = [
		['accuracy', {}, ofClasses, [broken, classes], 0],
		['top_k_accuracy', { k: 3 }, ofClasses, [broken, classes], 0],
		['macro_f1', {}, ofClasses, [broken, classes], 0],
		['expected_calibration_error', {}, ofClasses, [broken, classes], missing],
		['mean_squared_error', {}, ofValues, values, missing],
		['mean_absolute_error', {}, ofValues, values, missing],
		// Classes without an output.
		['accuracy', {}, ofClasses, beyond, 0],
	] as const;
	const found: Array<readonly [string, number, number]> = [];
	for (const [name, parameters, spec, [outputs, targets], right] of rows) {
		found.push([name, await figure(prepared(name, spec, parameters), outputs, targets), right]);
	}
	return found;
}

function prepared(name: string, spec: DataSpec, values: Record<string, unknown> = {}): Metric {
	const { parameters, target } = declared.get(name);
	const metric = new target(parameters.parse(values)) as Metric;
	metric.prepare(spec);
	return metric;
}

async function figure(metric: Metric, outputs: readonly number[][], targets: Tensor): Promise<number> {
	const sums = tf.tidy(() => metric.sums(tf.tensor2d([...outputs]), targets));
	const totals = Float64Array.from(await sums.data());
	sums.dispose();
	return metric.result(totals, outputs.length);
}
