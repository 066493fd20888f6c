import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../core/errors.ts';
import type { DataSpec } from '../train/contracts/data.ts';
import { Metric, metric } from '../train/contracts/metric.ts';
import { countWithinTop } from '../train/ranks.ts';
import { classesFor } from '../train/shapes.ts';
import { needClasses } from '../train/targets.ts';

const parameters = z
	.object({ k: z.int().min(1).default(5).meta({ unit: 'classes' }).describe('How many answers each example has.') })
	.meta({ columns: [{ name: 'top_{k}_accuracy' }] })
	.describe('Share of examples whose class is among the k largest logits, 0 to 1.');

/** Column `top_<k>_accuracy`; of equal logits the lower class comes first. */
@metric('top_k_accuracy', parameters)
export class TopKAccuracy extends Metric {
	override readonly direction = 'max';
	override readonly column: string;
	override readonly size = 1;
	readonly #k: number;

	constructor({ k }: z.output<typeof parameters>) {
		super();
		this.#k = k;
		this.column = `top_${k}_accuracy`;
	}

	override prepare(spec: DataSpec): void {
		const classes = needClasses('top_k_accuracy', spec);
		if (this.#k >= classes) {
			throw new UsageError(
				'metric.top_k',
				`top_k_accuracy.k = ${this.#k} is always 1 with ${classes} classes; allowed are 1 to ${classes - 1}.`,
			);
		}
	}

	override sums(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor1D {
		const classes = classesFor(outputs, targets, 'top_k_accuracy');
		return countWithinTop(outputs as tfc.Tensor2D, classes, this.#k);
	}

	override result(totals: Float64Array, count: number): number {
		return totals[0]! / count;
	}
}
