import type { TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { host } from '../wasm-backend.ts';
import { address, areFloat, callKernel, defineKernel, output, release, repeated, sizeOf } from './kernel.ts';

// The operations of kernels/elementwise.h, and which serves when the operands change places.
const operations = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3, Maximum: 4, Minimum: 5, SquaredDifference: 8 } as const;
const exchanged: { readonly [operation: number]: number } = { 0: 0, 1: 6, 2: 2, 3: 7, 4: 4, 5: 5, 8: 8 };
const modes = { same: 0, scalar: 1, row: 2, column: 3 } as const;

const elementBlock = 16384;

/** Arithmetic between a tensor and another of its shape, a number, a row or a column; relu and limits. */
export function defineElementwise(): void {
	for (const [name, operation] of Object.entries(operations)) {
		defineKernel(name, ({ a, b }) => binary(operation, a!, b!));
	}
	defineKernel('Relu', ({ x }) => {
		if (!areFloat(x)) {
			return undefined;
		}
		const out = output(x!.shape);
		const size = sizeOf(x!.shape);
		host().call('relu', [address(x!), address(out), size], Math.ceil(size / elementBlock), size);
		return out;
	});
	defineKernel('Cast', ({ x }, attrs) => (attrs['dtype'] === 'bool' ? truth(x!) : undefined));
	defineKernel('Relu6', ({ x }) => clip(x!, 0, 6));
	defineKernel('ClipByValue', ({ x }, attrs) =>
		clip(x!, attrs['clipValueMin'] as number, attrs['clipValueMax'] as number),
	);
}

/** dy where x > 0, else 0. */
export function reluGradient(dy: TensorInfo, x: TensorInfo): TensorInfo {
	const out = output(x.shape);
	const size = sizeOf(x.shape);
	host().call('relu_grad', [address(dy), address(x), address(out), size], Math.ceil(size / elementBlock), size);
	return out;
}

// The stock kernel takes the low byte of a number for its truth.
function truth(x: TensorInfo): TensorInfo | undefined {
	if (x.dtype !== 'float32' && x.dtype !== 'int32') {
		return undefined;
	}
	const zero = callKernel('Fill', {}, { shape: [], value: 0, dtype: x.dtype });
	const out = callKernel('NotEqual', { a: x, b: zero });
	release(zero);
	return out;
}

function clip(x: TensorInfo, low: number, high: number): TensorInfo {
	if (!areFloat(x)) {
		const real = callKernel('Cast', { x }, { dtype: 'float32' });
		const clipped = clip(real, low, high);
		const out = callKernel('Cast', { x: clipped }, { dtype: x.dtype });
		release(real);
		release(clipped);
		return out;
	}
	const out = output(x.shape);
	const size = sizeOf(x.shape);
	host().call('clip', [address(x), address(out), size, low, high], Math.ceil(size / elementBlock), size);
	return out;
}

function binary(operation: number, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
	if (!areFloat(a, b)) {
		return undefined;
	}
	const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
	const size = sizeOf(shape);
	if (size === 0) {
		return undefined;
	}
	const out =
		sizeOf(a.shape) === size
			? meet(operation, a, b, shape)
			: sizeOf(b.shape) === size
				? meet(exchanged[operation]!, b, a, shape)
				: undefined;
	const isExtreme = operation === operations.Maximum || operation === operations.Minimum;
	return out ?? (isExtreme ? meetRepeated(operation, a, b, shape) : undefined);
}

// Of these two the stock kernel makes numbers of NaN. In its order: of equal values, which may be zeros of either sign, the
// first counts.
function meetRepeated(operation: number, a: TensorInfo, b: TensorInfo, shape: number[]): TensorInfo | undefined {
	const [first, second] = [repeated(b, shape), repeated(a, shape)];
	const out = meet(operation, first, second, shape);
	release(first);
	release(second);
	return out;
}

// `a` has the output's size; `b` repeats along it.
function meet(operation: number, a: TensorInfo, b: TensorInfo, shape: number[]): TensorInfo | undefined {
	const plan = meeting(b.shape, shape);
	if (plan === undefined) {
		return undefined;
	}
	const out = output(shape);
	const { mode, rows, columns } = plan;
	const perUnit = Math.max(1, Math.floor(elementBlock / columns));
	const words = [address(a), address(b), address(out), rows, columns, mode, operation, perUnit];
	host().call('binary', words, Math.ceil(rows / perUnit), rows * columns);
	return out;
}

function meeting(shape: readonly number[], whole: readonly number[]) {
	const size = sizeOf(whole);
	const own = sizeOf(shape);
	if (own === size || own === 1) {
		const rows = Math.max(1, Math.ceil(size / elementBlock));
		// Rows must divide the whole evenly, so a length that does not is one row per leading axis.
		const even = size % rows === 0 ? { rows, columns: size / rows } : evenRows(whole);
		return { mode: own === size ? modes.same : modes.scalar, ...even };
	}
	const aligned = [...Array.from({ length: whole.length - shape.length }, () => 1), ...shape];
	const first = aligned.findIndex((length) => length !== 1);
	const last = aligned.findLastIndex((length) => length !== 1);
	const inside = aligned.slice(first, last + 1).every((length, i) => length === whole[first + i]);
	if (!inside) {
		return undefined;
	}
	if (sizeOf(whole.slice(last + 1)) === 1) {
		return { mode: modes.row, rows: size / own, columns: own };
	}
	return sizeOf(whole.slice(0, first)) === 1 ? { mode: modes.column, rows: own, columns: size / own } : undefined;
}

function evenRows(whole: readonly number[]): { rows: number; columns: number } {
	const rows = whole[0] ?? 1;
	return { rows, columns: sizeOf(whole) / rows };
}
