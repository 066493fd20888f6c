import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import type { DataSpec } from '../train/contracts/data.ts';
import { Metric, metric } from '../train/contracts/metric.ts';
import { valuesLike } from '../train/shapes.ts';
import { needValues } from '../train/targets.ts';

const parameters = z
	.object({})
	.meta({ columns: [{ name: 'mae' }] })
	.describe('Mean absolute error, averaged over values and examples, in target units.');

/** Column `mae`. */
@metric('mean_absolute_error', parameters)
export class MeanAbsoluteError extends Metric {
	override readonly direction = 'min';
	override readonly column = 'mae';
	override readonly size = 1;

	constructor(_parameters: z.output<typeof parameters>) {
		super();
	}

	override prepare(spec: DataSpec): void {
		needValues('mean_absolute_error', spec);
	}

	override sums(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor1D {
		return tf.tidy(() => {
			const values = valuesLike(outputs, targets, 'mean_absolute_error');
			const perValue = outputs.size / (outputs.shape[0] ?? 1);
			return tf.reshape(tf.div(tf.sum(tf.abs(tf.sub(outputs, values))), perValue), [1]);
		});
	}

	override result(totals: Float64Array, count: number): number {
		return totals[0]! / count;
	}
}
