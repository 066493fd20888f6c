import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';

/** From inputs by name to several outputs. */
export type ManyKernel = (inputs: { [name: string]: TensorInfo }, attrs: NamedAttrMap) => TensorInfo[];

/** Registers a kernel of several outputs, of ours alone. */
export function defineManyKernel(kernelName: string, kernel: ManyKernel): void {
	tf.registerKernel({
		kernelName,
		backendName: 'wasm',
		kernelFunc: ({ inputs, attrs }) => kernel(inputs as { [name: string]: TensorInfo }, attrs ?? {}),
	});
}

/** How many blocks of rows to work in: the shape alone decides. */
export function blocksOf(rows: number, columns: number): number {
	return Math.max(1, Math.min(64, Math.floor((rows * columns) / 4096)));
}
