import type * as tfc from '@tensorflow/tfjs-core';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import type { Data, Examples, SplitName } from './contracts/data.ts';
import type { Batch } from './contracts/model.ts';
import { gather, standardise } from './preparation.ts';

/** A batch in plain memory: ready for the device, and for a worker to have made. */
export interface HostBatch {
	readonly inputs: Float32Array;
	readonly targets: Int32Array | Float32Array;
	/** `Examples.ids` of the rows. */
	readonly ids: Int32Array;
	readonly size: number;
}

/** The order of the training examples in an epoch: a permutation that depends on the seed and the epoch alone. */
export function epochOrder(size: number, epoch: number, streams: Streams): Int32Array {
	return Int32Array.from(streams.stream('shuffle').fork(`epoch ${epoch}`).permutation(size));
}

/** The order as stored, for evaluation. */
export function storedOrder(size: number): Int32Array {
	return Int32Array.from({ length: size }, (_, row) => row);
}

/** How many batches an order makes; the last may be smaller. */
export function batchCount(size: number, batchSize: number): number {
	return Math.ceil(size / batchSize);
}

/**
 * Gathers, augments and standardises the rows `order[from, to)` of a split.
 *
 * Augmentation draws from a stream of this very step, so what a batch looks like does not depend on what was assembled
 * before it: a resumed run, or one that reads ahead, sees the same bytes. `step`: undefined outside training. `room`: for
 * the inputs; new memory where it is left out.
 */
export function assemble(
	data: Data,
	split: SplitName,
	rows: Int32Array,
	step: number | undefined,
	streams: Streams,
	room?: Float32Array,
): HostBatch {
	const examples = data.splits[split];
	const width = product(data.spec.shape);
	const inputs = room?.subarray(0, rows.length * width) ?? new Float32Array(rows.length * width);
	const transforms = step === undefined ? [] : data.transforms;
	if (transforms.length === 0) {
		gather(inputs, examples.inputs, rows, width, data.preprocessing, 'standardised');
	} else {
		gather(inputs, examples.inputs, rows, width, data.preprocessing, 'scaled');
		const random = streams.stream('augment').fork(`step ${step}`);
		for (const transform of transforms) {
			transform.apply(inputs, rows.length, data.spec.shape, random);
		}
		standardise(inputs, data.preprocessing);
	}
	return labelled(data, split, rows, inputs);
}

/** The batch of these rows, whose inputs are made. */
export function labelled(data: Data, split: SplitName, rows: Int32Array, inputs: Float32Array): HostBatch {
	const examples = data.splits[split];
	return {
		inputs,
		targets: gatherTargets(data, examples, rows),
		ids: rows.map((row) => examples.ids[row]!),
		size: rows.length,
	};
}

/** Puts a batch on the device; the caller disposes its tensors. */
export function upload(data: Data, batch: HostBatch): Batch {
	const { target, shape } = data.spec;
	const inputs = tf.tensor(batch.inputs, [batch.size, ...shape], 'float32');
	const targets: tfc.Tensor =
		target.type === 'class'
			? tf.tensor1d(batch.targets as Int32Array, 'int32')
			: tf.tensor(batch.targets as Float32Array, [batch.size, ...target.shape], 'float32');
	return { inputs, targets, size: batch.size, ids: batch.ids };
}

function gatherTargets({ spec }: Data, examples: Examples, rows: Int32Array): Int32Array | Float32Array {
	if (spec.target.type === 'class') {
		return Int32Array.from(rows, (row) => examples.targets[row]!);
	}
	const width = product(spec.target.shape);
	const targets = new Float32Array(rows.length * width);
	rows.forEach((row, position) => {
		targets.set(examples.targets.subarray(row * width, (row + 1) * width), position * width);
	});
	return targets;
}

function product(shape: readonly number[]): number {
	return shape.reduce((a, b) => a * b, 1);
}
