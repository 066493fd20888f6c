import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { DataSpec } from '../train/contracts/data.ts';
import { Metric, metric } from '../train/contracts/metric.ts';
import { countWithinTop } from '../train/ranks.ts';
import { classesFor } from '../train/shapes.ts';
import { needClasses } from '../train/targets.ts';

const parameters = z
	.object({})
	.meta({ columns: [{ name: 'accuracy' }] })
	.describe('Share of examples whose largest logit is that of their class, 0 to 1.');

/** Column `accuracy`; of equal logits the lowest class counts as the answer. */
@metric('accuracy', parameters)
export class Accuracy extends Metric {
	override readonly direction = 'max';
	override readonly column = 'accuracy';
	override readonly size = 1;

	constructor(_parameters: z.output<typeof parameters>) {
		super();
	}

	override prepare(spec: DataSpec): void {
		needClasses('accuracy', spec);
	}

	override sums(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor1D {
		const classes = classesFor(outputs, targets, 'accuracy');
		return countWithinTop(outputs as tfc.Tensor2D, classes, 1);
	}

	override result(totals: Float64Array, count: number): number {
		return totals[0]! / count;
	}
}
