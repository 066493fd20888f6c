import type * as tfc from '@tensorflow/tfjs-core';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';
import type { DataSpec } from './data.ts';

export type Direction = 'max' | 'min';

/**
 * A figure of merit over a split, computed from sums so that batches of any size, and a resumed epoch, give the same.
 */
export abstract class Metric {
	/** Which way is better. */
	abstract readonly direction: Direction;
	/** Column name without the split, such as `accuracy` or `top_5_accuracy`. */
	abstract readonly column: string;
	/** Called once before use; throw a UsageError where the data do not fit the metric. */
	prepare(_spec: DataSpec): void {}
	/** How many sums it keeps. */
	abstract readonly size: number;
	/** Sums over this batch as `[size]` float32 (kept on the device until read). */
	abstract sums(outputs: tfc.Tensor, targets: tfc.Tensor): tfc.Tensor1D;
	/** The figure from the totals (float64) over `count` examples; NaN where undefined. */
	abstract result(totals: Float64Array, count: number): number;
}

export const metricKind = defineKind<Metric>(
	'metric',
	'metrics',
	'A figure of merit over a split, with its direction.',
);
export const metric = decorator(metricKind);
