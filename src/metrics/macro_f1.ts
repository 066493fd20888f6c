import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import type { DataSpec } from '../train/contracts/data.ts';
import { Metric, metric } from '../train/contracts/metric.ts';
import { membership } from '../train/membership.ts';
import { classesFor } from '../train/shapes.ts';
import { needClasses } from '../train/targets.ts';

const parameters = z
	.object({})
	.meta({ columns: [{ name: 'macro_f1' }] })
	.describe('F1 score of each class, averaged over classes with equal weight, 0 to 1.');

/**
 * Column `macro_f1`: the mean over classes of `2 · hits / (answered + present)`, counted over the whole split.
 *
 * A class that neither occurs nor is ever answered has no score and is left out.
 */
@metric('macro_f1', parameters)
export class MacroF1 extends Metric {
	override readonly direction = 'max';
	override readonly column = 'macro_f1';
	#classes = 0;

	constructor(_parameters: z.output<typeof parameters>) {
		super();
	}

	/** Hits, answers and occurrences of each class. */
	override get size(): number {
		return 3 * this.#classes;
	}

	override prepare(spec: DataSpec): void {
		this.#classes = needClasses('macro_f1', spec);
	}

	override sums(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor1D {
		const classes = classesFor(outputs, targets, 'macro_f1');
		return tf.tidy(() => {
			// The largest of logits that are not numbers is no answer.
			const answers = tf.cast(tf.logicalNot(tf.any(tf.isNaN(outputs), 1, true)), 'float32');
			const answered = tf.mul(membership(tf.argMax(outputs, 1) as tfc.Tensor1D, this.#classes), answers);
			const present = membership(classes, this.#classes);
			const hits = tf.mul(answered, present);
			return tf.concat([hits, answered, present].map((counts) => tf.sum(counts, 0) as tfc.Tensor1D));
		});
	}

	override result(totals: Float64Array, _count: number): number {
		const n = this.#classes;
		const scores: number[] = [];
		for (let at = 0; at < n; at++) {
			const both = totals[n + at]! + totals[2 * n + at]!;
			if (both > 0) {
				scores.push((2 * totals[at]!) / both);
			}
		}
		return scores.reduce((sum, score) => sum + score, 0) / scores.length;
	}
}
