import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { host } from '../wasm-backend.ts';
import { address, areFloat, callKernel, defineKernel, filled, output, release, sizeOf } from './kernel.ts';

/** Sum and mean over any axes. */
export function defineReductions(): void {
	defineKernel('Sum', ({ x }, attrs) => reduce(x!, attrs, false));
	defineKernel('Mean', ({ x }, attrs) => reduce(x!, attrs, true));
}

function reduce(x: TensorInfo, attrs: NamedAttrMap, mean: boolean): TensorInfo | undefined {
	const axes = tf.util
		.parseAxisParam(attrs['axis'] as number[], x.shape)
		.slice()
		.sort((a, b) => a - b);
	const gone = new Set(axes);
	const shape = x.shape.map((length, axis) => (gone.has(axis) ? 1 : length));
	const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
	if (!areFloat(x)) {
		return undefined;
	}
	const left = attrs['keepDims'] === true ? shape : x.shape.filter((_, axis) => !gone.has(axis));
	if (sizeOf(x.shape) === 0) {
		return filled(left, mean && count === 0 ? Number.NaN : 0);
	}
	const out = output(left);
	sumAxes(x, gone, address(out), mean ? 1 / count : 1);
	return out;
}

// Axes that are not neighbours are summed in two passes, the later group first.
function sumAxes(x: TensorInfo, gone: ReadonlySet<number>, to: number, factor: number): void {
	const groups = axisGroups(x.shape, gone);
	const last = groups.at(-1);
	if (last === undefined) {
		sumMiddle(address(x), to, sizeOf(x.shape), 1, 1, factor);
		return;
	}
	if (groups.length === 1) {
		const { from, end } = last;
		const [outer, middle, inner] = [
			sizeOf(x.shape.slice(0, from)),
			sizeOf(x.shape.slice(from, end)),
			sizeOf(x.shape.slice(end)),
		];
		sumMiddle(address(x), to, outer, middle, inner, factor);
		return;
	}
	const axes = Array.from({ length: last.end - last.from }, (_, i) => last.from + i);
	const partly = callKernel('Sum', { x }, { axis: axes, keepDims: true });
	sumAxes(partly, new Set([...gone].filter((axis) => axis < last.from)), to, factor);
	release(partly);
}

// Runs of neighbouring axes to sum; an axis of length 1 between two runs does not part them.
function axisGroups(shape: readonly number[], gone: ReadonlySet<number>): Array<{ from: number; end: number }> {
	const groups: Array<{ from: number; end: number }> = [];
	let open = false;
	for (const [axis, length] of shape.entries()) {
		if (gone.has(axis)) {
			if (open) {
				groups.at(-1)!.end = axis + 1;
			} else {
				groups.push({ from: axis, end: axis + 1 });
			}
			open = true;
		} else if (length !== 1) {
			open = false;
		}
	}
	return groups;
}

const blockTerms = 2048;

/** Sums the middle of x[outer][middle][inner], times the factor, in blocks whose number the shape alone decides. */
export function sumMiddle(x: number, to: number, outer: number, middle: number, inner: number, factor: number): void {
	const perBlock = Math.max(1, Math.floor(blockTerms / Math.min(inner, 64)));
	const blocks = outer >= 64 ? 1 : Math.min(64, Math.ceil(middle / perBlock));
	const work = outer * middle * inner;
	if (blocks <= 1) {
		host().call('sum_middle', [x, to, outer, middle, inner, 1, factor], outer, work);
		return;
	}
	const parts = host().space('parts', outer * blocks * inner * 4);
	host().call('sum_middle', [x, parts, outer, middle, inner, blocks, 1], outer * blocks, work);
	host().call('sum_middle', [parts, to, outer, blocks, inner, 1, factor], outer, outer * blocks * inner);
}
