import type { TensorInfo } from '@tensorflow/tfjs-core';
import { host } from '../wasm-backend.ts';
import { address, areFloat, defineKernel, output, reshaped, sizeOf } from './kernel.ts';

// MOST_AXES of kernels/rearrange.h.
const mostAxes = 8;

/** Copies, transposition, repetition, and sums by segment (the gradient of a gather). */
export function defineRearrangements(): void {
	// The stock kernel copies; nothing here changes a tensor in place, so the same values can serve twice.
	defineKernel('Identity', ({ x }) => reshaped(x!, x!.shape));
	defineKernel('Transpose', ({ x }, attrs) => transpose(x!, attrs['perm'] as number[]));
	defineKernel('Tile', ({ x }, attrs) => tile(x!, attrs['reps'] as number[]));
	defineKernel('UnsortedSegmentSum', ({ x, segmentIds }, attrs) =>
		segmentSum(x!, segmentIds!, attrs['numSegments'] as number),
	);
}

function transpose(x: TensorInfo, perm: readonly number[]): TensorInfo | undefined {
	const size = sizeOf(x.shape);
	if (
		x.dtype === 'string' ||
		x.dtype === 'bool' ||
		x.dtype === 'complex64' ||
		x.shape.length > mostAxes ||
		size === 0
	) {
		return undefined;
	}
	const out = output(
		perm.map((axis) => x.shape[axis]!),
		x.dtype,
	);
	const axes = mergeAxes(x.shape, perm);
	const matrix = asMatrices(axes);
	if (matrix !== undefined) {
		const [batch, rows, columns] = matrix;
		host().call(
			'transpose_matrix',
			[address(x), address(out), batch, rows, columns],
			batch * Math.ceil(columns / 16),
			size,
		);
		return out;
	}
	const words = [...padded(axes.map((axis) => axis.length)), ...padded(axes.map((axis) => axis.step))];
	host().call('permute', [address(x), address(out), axes.length, ...words], size / axes.at(-1)!.length, size);
	return out;
}

interface Axis {
	readonly length: number;
	/** Floats between neighbours in the input. */
	readonly step: number;
}

// The output's axes, leaving out those of length 1 and joining those that are also neighbours in the input.
function mergeAxes(shape: readonly number[], perm: readonly number[]): Axis[] {
	const axes: Axis[] = [];
	for (const axis of perm) {
		const length = shape[axis]!;
		const step = sizeOf(shape.slice(axis + 1));
		const before = axes.at(-1);
		if (length === 1) {
			continue;
		}
		if (before !== undefined && before.step === step * length) {
			axes[axes.length - 1] = { length: before.length * length, step };
		} else {
			axes.push({ length, step });
		}
	}
	return axes.length > 0 ? axes : [{ length: 1, step: 1 }];
}

// [batch][columns][rows] in the output where the input has [batch][rows][columns].
function asMatrices(axes: readonly Axis[]): [number, number, number] | undefined {
	const [first, second, third] = axes;
	if (axes.length === 2 && first!.step === 1) {
		return [1, second!.length, first!.length];
	}
	if (axes.length === 3 && second!.step === 1 && third!.step === second!.length) {
		return [first!.length, third!.length, second!.length];
	}
	return undefined;
}

function tile(x: TensorInfo, reps: readonly number[]): TensorInfo | undefined {
	const shape = x.shape.map((length, axis) => length * reps[axis]!);
	const size = sizeOf(shape);
	if ((x.dtype !== 'float32' && x.dtype !== 'int32') || shape.length > mostAxes || shape.length === 0 || size === 0) {
		return undefined;
	}
	const out = output(shape, x.dtype);
	const words = [address(x), address(out), shape.length, ...padded(x.shape), ...padded(shape)];
	host().call('tile', words, size / shape.at(-1)!, size);
	return out;
}

const segmentsPerUnit = 64;

function segmentSum(x: TensorInfo, segmentIds: TensorInfo, segments: number): TensorInfo | undefined {
	const inner = sizeOf(x.shape.slice(segmentIds.shape.length));
	const rows = sizeOf(segmentIds.shape);
	if (!areFloat(x)) {
		return undefined;
	}
	const out = output([segments, ...x.shape.slice(segmentIds.shape.length)]);
	const perUnit = Math.max(segmentsPerUnit, Math.ceil(segments / 32));
	const words = [address(x), address(segmentIds), address(out), rows, inner, segments, perUnit];
	host().call('segment_sum', words, Math.ceil(segments / perUnit), rows * inner + segments * inner);
	return out;
}

function padded(values: readonly number[]): number[] {
	return [...values, ...Array.from({ length: mostAxes - values.length }, () => 1)];
}
