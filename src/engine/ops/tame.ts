import type { TensorInfo } from '@tensorflow/tfjs-core';
import { wasmBackend } from '../wasm-backend.ts';
import { callKernel, release } from './kernel.ts';

// Sums of products of two tensors below this stay finite, in any order: they are at most the product of the two roots.
const mostSquares = 1e30;

/**
 * Whether every value is finite and products of these tensors will be: what the stock library's convolutions and their
 * activations need, which make numbers of NaN. Each tensor is read twice.
 */
export function areTame(...tensors: ReadonlyArray<TensorInfo | undefined>): boolean {
	return tensors.every((tensor) => tensor === undefined || sumOfSquares(tensor) < mostSquares);
}

function sumOfSquares(x: TensorInfo): number {
	const squares = callKernel('Multiply', { a: x, b: x });
	const sum = callKernel('Sum', { x: squares }, { axis: x.shape.map((_, axis) => axis) });
	const [value] = wasmBackend().readSync(sum.dataId) as Float32Array;
	release(squares);
	release(sum);
	return value!;
}
