import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';

/** Registers the gradients of values found or put by index, on every backend. */
export function addLookupGradients(): void {
	tf.registerGradient({
		kernelName: 'GatherNd',
		inputsToSave: ['params', 'indices'],
		gradFunc: (dy, [params, indices]) => ({
			params: () => tf.scatterND(indices!, dy as Tensor, params!.shape),
			indices: () => indices!,
		}),
	});
	tf.registerGradient({
		kernelName: 'ScatterNd',
		inputsToSave: ['indices'],
		gradFunc: (dy, [indices]) => ({
			updates: () => tf.gatherND(dy as Tensor, indices!),
			indices: () => indices!,
		}),
	});
	tf.registerGradient({
		kernelName: 'TensorScatterUpdate',
		inputsToSave: ['indices', 'updates'],
		gradFunc: (dy, [indices, updates]) => ({
			tensor: () => tf.tensorScatterUpdate(dy as Tensor, indices!, tf.zerosLike(updates!)),
			updates: () => tf.gatherND(dy as Tensor, indices!),
			indices: () => indices!,
		}),
	});
	tf.registerGradient({
		kernelName: 'TopK',
		inputsToSave: ['x'],
		outputsToSave: [false, true],
		gradFunc: (dy, [x, indices]) => ({ x: () => scatterRows((dy as unknown as Tensor[])[0]!, indices!, x!.shape) }),
	});
	mendBatchedGather();
}

// Each row's values back to where they were found in it.
function scatterRows(values: Tensor, indices: Tensor, shape: number[]): Tensor {
	const length = shape.at(-1)!;
	const [rows, k] = [shape.slice(0, -1).reduce((product, n) => product * n, 1), values.shape.at(-1)!];
	const starts = tf.reshape(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(length, 'int32')), [rows, 1]);
	const places = tf.reshape(tf.add(tf.reshape(indices, [rows, k]), starts), [rows * k]) as Tensor1D;
	return tf.reshape(tf.unsortedSegmentSum(tf.reshape(values, [rows * k]), places, rows * length), shape);
}

// The stock one uses methods that are not loaded here, and knows one batch axis at most.
function mendBatchedGather(): void {
	const stock = tf.getGradient('GatherV2');
	tf.unregisterGradient('GatherV2');
	tf.registerGradient({
		...stock,
		gradFunc: (dy, saved, attrs) => {
			const batchDims = (attrs['batchDims'] as number | undefined) ?? 0;
			const [x, indices] = saved as [Tensor, Tensor];
			const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
			return batchDims === 0
				? stock.gradFunc(dy, saved, attrs)
				: { x: () => batchedGradient(dy as Tensor, x, indices, axis, batchDims), indices: () => indices };
		},
	});
}

// As one gather from a table of all batches: x becomes [batch * rows, rest], indices count on from batch to batch.
function batchedGradient(dy: Tensor, x: Tensor, indices: Tensor, axis: number, batchDims: number): Tensor {
	const size = (shape: number[]) => shape.reduce((product, n) => product * n, 1);
	const [batch, rows] = [size(x.shape.slice(0, batchDims)), x.shape[axis]!];
	const between = x.shape.slice(batchDims, axis);
	const [middle, inner, count] = [size(between), size(x.shape.slice(axis + 1)), size(indices.shape.slice(batchDims))];
	const starts = tf.reshape(tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(rows, 'int32')), [batch, 1]);
	const places = tf.reshape(tf.add(tf.reshape(tf.cast(indices, 'int32'), [batch, count]), starts), [batch * count]);
	const values = tf.transpose(tf.reshape(dy, [batch, middle, count, inner]), [0, 2, 1, 3]);
	const summed = tf.unsortedSegmentSum(
		tf.reshape(values, [batch * count, middle * inner]),
		places as Tensor1D,
		batch * rows,
	);
	return tf.reshape(tf.transpose(tf.reshape(summed, [batch, rows, middle, inner]), [0, 2, 1, 3]), x.shape);
}
