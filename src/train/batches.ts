import type * as tfc from '@tensorflow/tfjs-core';
import type { Streams } from '../core/random.ts';
import { copyRows } from '../core/rows.ts';
import { valuesOfRows, valuesWritten } from '../engine/stored-values.ts';
import { tf } from '../engine/tf.ts';
import { hasKernels } from '../engine/wasm-backend.ts';
import type { Data, Examples, Preprocessing, SplitName } from './contracts/data.ts';
import type { Batch } from './contracts/model.ts';
import { gather, standardise, tableFor, valuesAt } from './preparation.ts';

/** Stored bytes, and what they stand for. */
export interface StoredBytes {
	readonly stored: Uint8Array;
	readonly rows: Int32Array;
	/** Of each channel. */
	readonly tables: readonly Float32Array[];
}

/** Writes all values of a batch where they are to be. */
export type Writer = (values: Float32Array) => void;

/** A batch on its way to the device: in plain memory, or, where the device can be written to, still as it is stored. */
export interface HostBatch {
	readonly inputs: Float32Array | StoredBytes | Writer;
	readonly targets: Int32Array | Float32Array | Writer;
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

/** How many batches an order makes; the last may be smaller, unless such a one is dropped. */
export function batchCount(size: number, batchSize: number, dropLast = false): number {
	return dropLast ? Math.floor(size / batchSize) : Math.ceil(size / batchSize);
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
	const { inputs: stored } = data.splits[split];
	const transforms = step === undefined ? [] : data.transforms;
	const width = product(data.spec.shape);
	if (transforms.length === 0 && hasKernels()) {
		return labelled(data, split, rows, inputsAsStored(data.preprocessing, stored, rows, width));
	}
	const inputs = room?.subarray(0, rows.length * width) ?? new Float32Array(rows.length * width);
	if (transforms.length === 0) {
		gather(inputs, stored, rows, width, data.preprocessing, 'standardised');
	} else {
		gather(inputs, stored, rows, width, data.preprocessing, 'scaled');
		const random = streams.stream('augment').fork(`step ${step}`);
		for (const transform of transforms) {
			transform.apply(inputs, rows.length, data.spec.shape, random);
		}
		standardise(inputs, data.preprocessing);
	}
	return labelled(data, split, rows, inputs);
}

function inputsAsStored(
	preprocessing: Preprocessing,
	stored: Uint8Array | Float32Array,
	rows: Int32Array,
	width: number,
): StoredBytes | Writer {
	return stored instanceof Uint8Array
		? { stored, rows, tables: tableFor(preprocessing, 'standardised') }
		: (values) => gather(values, stored, rows, width, preprocessing, 'standardised');
}

/** The batch of these rows, whose inputs are made. */
export function labelled(data: Data, split: SplitName, rows: Int32Array, inputs: HostBatch['inputs']): HostBatch {
	const examples = data.splits[split];
	return {
		inputs,
		targets: gatherTargets(data, examples, rows),
		ids: valuesAt(examples.ids, rows),
		size: rows.length,
	};
}

/** Puts a batch on the device; the caller disposes its tensors. */
export function upload(data: Data, batch: HostBatch): Batch {
	const { target, shape } = data.spec;
	return {
		inputs: uploadValues(batch.inputs, [batch.size, ...shape]),
		targets:
			target.type === 'class'
				? tf.tensor1d(batch.targets as Int32Array, 'int32')
				: uploadValues(batch.targets as Float32Array | Writer, [batch.size, ...target.shape]),
		size: batch.size,
		ids: batch.ids,
	};
}

function uploadValues(values: HostBatch['inputs'], shape: number[]): tfc.Tensor {
	if (values instanceof Float32Array) {
		return tf.tensor(values, shape, 'float32');
	}
	if (typeof values === 'function') {
		return valuesWritten(shape, values);
	}
	const { stored, rows, tables } = values;
	return valuesOfRows(stored, rows, shape, tables);
}

function gatherTargets({ spec }: Data, { targets: stored }: Examples, rows: Int32Array): HostBatch['targets'] {
	if (spec.target.type === 'class') {
		return valuesAt(stored as Int32Array, rows);
	}
	const width = product(spec.target.shape);
	const write: Writer = (values) => copyRows(values, stored as Float32Array, rows, width);
	if (hasKernels()) {
		return write;
	}
	const targets = new Float32Array(rows.length * width);
	write(targets);
	return targets;
}

function product(shape: readonly number[]): number {
	return shape.reduce((a, b) => a * b, 1);
}
