import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import { assemble, storedOrder, upload } from './batches.ts';
import type { Logs } from './contracts/callback.ts';
import type { Data, SplitName } from './contracts/data.ts';
import type { Loss } from './contracts/loss.ts';
import type { Metric } from './contracts/metric.ts';
import type { Model } from './contracts/model.ts';
import { Totals } from './totals.ts';
import { Turns } from './turns.ts';

export interface Evaluation {
	readonly model: Model;
	readonly data: Data;
	readonly loss: Loss;
	readonly metrics: readonly Metric[];
	readonly streams: Streams;
	readonly batchSize: number;
	/** Batches at most; undefined for the whole split. */
	readonly limit?: number | undefined;
	/** Asked before each batch whether to give up. */
	readonly isUnwanted?: () => boolean;
}

/** An evaluation was given up between two batches. Nothing but its result is missing. */
export class EvaluationGivenUp extends Error {}

/**
 * Losses and metrics of the model over a split, under names that begin with the split; an empty split gives none. Throws
 * `EvaluationGivenUp` where it is unwanted.
 */
export async function evaluate(evaluation: Evaluation, split: SplitName): Promise<Logs> {
	const { model, data, loss, metrics, streams, batchSize, limit, isUnwanted } = evaluation;
	const totals = new Totals(metrics);
	const turns = new Turns();
	const order = storedOrder(data.splits[split].size);
	const end = Math.min(order.length, (limit ?? Number.POSITIVE_INFINITY) * batchSize);
	for (let from = 0; from < end; from += batchSize) {
		if (isUnwanted?.()) {
			throw new EvaluationGivenUp(`the evaluation of ${split} was given up`);
		}
		const host = assemble(data, split, order.subarray(from, Math.min(from + batchSize, end)), undefined, streams);
		const batch = upload(data, host);
		let names: string[] = [];
		let numbers: Float32Array | Promise<Float32Array> = new Float32Array();
		tf.tidy(() => {
			const result = model.step(batch, loss, { training: false, streams });
			names = Object.keys(result.losses);
			numbers = totals.read(result, batch.targets);
		});
		totals.add(names, await numbers, batch.size);
		tf.dispose([batch.inputs, batch.targets]);
		await turns.give();
	}
	return totals.count === 0 ? {} : totals.logs(split);
}
