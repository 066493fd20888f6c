import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import type { DataSpec } from '../train/contracts/data.ts';
import { Metric, metric } from '../train/contracts/metric.ts';
import { membership } from '../train/membership.ts';
import { withinTop } from '../train/ranks.ts';
import { classesFor } from '../train/shapes.ts';
import { needClasses } from '../train/targets.ts';

const parameters = z
	.object({ bins: z.int().min(1).default(15).describe('Bins of equal width between confidence 0 and 1.') })
	.meta({ columns: [{ name: 'expected_calibration_error' }] })
	.describe('How far confidence is from accuracy (Guo et al. 2017), 0 to 1.');

/**
 * Column `expected_calibration_error`: `Σ over bins |hits − sum of confidence| / examples`, where the confidence is the
 * largest softmax probability and a bin is open below and closed above.
 */
@metric('expected_calibration_error', parameters)
export class ExpectedCalibrationError extends Metric {
	override readonly direction = 'min';
	override readonly column = 'expected_calibration_error';
	/** Hits minus confidence, per bin. */
	override readonly size: number;

	constructor({ bins }: z.output<typeof parameters>) {
		super();
		this.size = bins;
	}

	override prepare(spec: DataSpec): void {
		needClasses('expected_calibration_error', spec);
	}

	override sums(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor1D {
		const classes = classesFor(outputs, targets, 'expected_calibration_error');
		return tf.tidy(() => {
			const confidence = tf.max(tf.softmax(outputs as tfc.Tensor2D), 1);
			const gap = tf.sub(withinTop(outputs as tfc.Tensor2D, classes, 1), confidence);
			const bin = tf.clipByValue(tf.sub(tf.ceil(tf.mul(confidence, this.size)), 1), 0, this.size - 1);
			const member = membership(bin as tfc.Tensor1D, this.size);
			return tf.sum(tf.mul(member, tf.expandDims(gap, 1)), 0) as tfc.Tensor1D;
		});
	}

	override result(totals: Float64Array, count: number): number {
		return totals.reduce((sum, gap) => sum + Math.abs(gap), 0) / count;
	}
}
