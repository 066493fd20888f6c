import type * as tfc from '@tensorflow/tfjs-core';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import type { Data, Examples, SplitName } from './contracts/data.ts';
import type { Batch } from './contracts/model.ts';

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
 * before it: a resumed run, or one that reads ahead, sees the same bytes.
 */
export function assemble(
	data: Data,
	split: SplitName,
	rows: Int32Array,
	step: number | undefined,
	streams: Streams,
): HostBatch {
	const examples = data.splits[split];
	const inputs = gatherInputs(data, examples, rows);
	if (step !== undefined) {
		const random = streams.stream('augment').fork(`step ${step}`);
		for (const transform of data.transforms) {
			transform.apply(inputs, rows.length, data.spec.shape, random);
		}
	}
	standardise(inputs, data);
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

function gatherInputs({ spec, preprocessing }: Data, examples: Examples, rows: Int32Array): Float32Array {
	const width = product(spec.shape);
	const inputs = new Float32Array(rows.length * width);
	for (let position = 0; position < rows.length; position += 1) {
		const start = rows[position]! * width;
		inputs.set(examples.inputs.subarray(start, start + width), position * width);
	}
	scaleBy(inputs, preprocessing.scale);
	return inputs;
}

function scaleBy(inputs: Float32Array, scale: number): void {
	if (scale === 1) {
		return;
	}
	for (let i = 0; i < inputs.length; i += 1) {
		inputs[i] = inputs[i]! * scale;
	}
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

function standardise(inputs: Float32Array, { preprocessing }: Data): void {
	const { mean, sd } = preprocessing;
	if (mean.length === 1 && mean[0] === 0 && sd[0] === 1) {
		return;
	}
	const channels = mean.length;
	for (let channel = 0; channel < channels; channel += 1) {
		standardiseChannel(inputs, channel, channels, mean[channel]!, sd[channel]!);
	}
}

// Divides rather than multiplying by the reciprocal: the last bit of a batch is part of what a run repeats exactly.
function standardiseChannel(inputs: Float32Array, first: number, step: number, mean: number, sd: number): void {
	for (let i = first; i < inputs.length; i += step) {
		inputs[i] = (inputs[i]! - mean) / sd;
	}
}

function product(shape: readonly number[]): number {
	return shape.reduce((a, b) => a * b, 1);
}
