import type * as tfc from '@tensorflow/tfjs-core';
import { assemble, epochOrder, storedOrder, upload } from './batches.ts';
import type { LoopParts } from './loop-parts.ts';
import type { Incident } from './nan-policy.ts';
import { type HostTensors, restoreWeights } from './snapshot.ts';
import { backward } from './step.ts';
import { Totals } from './totals.ts';

/** What a repeated step shows. */
export interface RepeatedStep {
	readonly ids: readonly number[];
	readonly losses: Readonly<Record<string, number>>;
	/** How many values are not finite: in the inputs, and by variable in the weights and the gradients. */
	readonly notFinite: {
		readonly inputs: number;
		readonly weights: Readonly<Record<string, number>>;
		readonly gradients: Readonly<Record<string, number>>;
	};
}

/** The forward and backward pass of one step with the weights and random streams it had; nothing is updated. */
export async function repeatStep(
	parts: LoopParts,
	{ step, epoch, batch: position, streams: drawn, weights }: Omit<Incident, 'ids'> & { readonly weights: HostTensors },
): Promise<RepeatedStep> {
	const { model, data, loss, streams, batchSize, metrics } = parts;
	restoreWeights(model, weights);
	streams.restore(drawn);
	const { size } = data.splits.train;
	const order = parts.shuffle ? epochOrder(size, epoch, streams) : storedOrder(size);
	const rows = order.subarray(position * batchSize, (position + 1) * batchSize);
	const host = assemble(data, 'train', rows, step, streams);
	const batch = upload(data, host);
	const { numbers: pending, lossNames, gradients } = backward(model, loss, batch, new Totals(metrics), streams);
	const numbers = await pending;
	return {
		ids: [...host.ids],
		losses: Object.fromEntries(lossNames.map((name, i) => [name, numbers[i]!])),
		notFinite: {
			inputs: countNotFinite(await batch.inputs.data()),
			weights: Object.fromEntries(
				Object.entries(weights).map(([name, { data: values }]) => [name, countNotFinite(values)]),
			),
			gradients: await countAll(gradients),
		},
	};
}

async function countAll(tensors: Readonly<Record<string, tfc.Tensor>>): Promise<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const [name, tensor] of Object.entries(tensors)) {
		counts[name] = countNotFinite(await tensor.data());
	}
	return counts;
}

function countNotFinite(values: ArrayLike<number>): number {
	let count = 0;
	for (let i = 0; i < values.length; i += 1) {
		count += Number.isFinite(values[i]) ? 0 : 1;
	}
	return count;
}
