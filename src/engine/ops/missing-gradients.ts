import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { orNaN } from './relu-gradient.ts';

type Gradients = { [input: string]: () => Tensor };

/** Registers gradients that the stock library lacks, or computes wrongly, on every backend. */
export function addGradients(): void {
	replace('Cumsum', ['x'], (dy, _saved, attrs) => {
		const { axis, exclusive, reverse } = attrs as unknown as Running;
		return { x: () => tf.cumsum(dy, axis, exclusive, !reverse) };
	});
	replace('Cumprod', ['x'], (dy, [x], attrs) => ({ x: () => cumprodGradient(dy, x!, attrs as unknown as Running) }));
	replace('Prod', ['x'], (dy, [x], attrs) => ({ x: () => prodGradient(dy, x!, attrs['axis'] as number[]) }));
	replace('MirrorPad', ['x'], (dy, [x], attrs) => ({ x: () => unfoldMirrors(dy, x!.shape, attrs) }));
	replace('StridedSlice', ['x'], (dy, [x], attrs) => ({ x: () => stridedSliceGradient(dy, x!.shape, attrs) }));
	replace('Diag', ['x'], (dy, [x]) => ({
		x: () => tf.reshape(tf.sum(tf.mul(tf.reshape(dy, [x!.size, x!.size]), tf.eye(x!.size)), 1), x!.shape),
	}));
	replace('DepthToSpace', ['x'], (dy, [x], attrs) => ({ x: () => spaceToDepth(dy, x!.shape, attrs) }));
	replace('Prelu', ['x', 'alpha'], (dy, [x, alpha]) => {
		const positive = tf.cast(tf.greater(x!, 0), 'float32');
		const negative = tf.sub(1, positive);
		return {
			x: () => orNaN(x!, summedTo(tf.mul(dy, tf.add(positive, tf.mul(negative, alpha!))), x!.shape)),
			alpha: () => summedTo(tf.mul(dy, tf.mul(negative, x!)), alpha!.shape),
		};
	});
	addUnpacking();
}

/** Sums what was repeated: the gradient of an operand that had this shape. */
export function summedTo(x: Tensor, shape: number[]): Tensor {
	const axes = tf.backend_util.getReductionAxes(shape, x.shape);
	return tf.reshape(axes.length > 0 ? tf.sum(x, axes) : x, shape);
}

// The stock one takes several outputs for granted.
function addUnpacking(): void {
	tf.unregisterGradient('Unpack');
	tf.registerGradient({
		kernelName: 'Unpack',
		gradFunc: (dy, _saved, attrs) => ({ value: () => tf.stack([dy].flat(), attrs['axis'] as number) }),
	});
}

interface Running {
	readonly axis: number;
	readonly exclusive: boolean;
	readonly reverse: boolean;
}

// With p the product of what comes before: dx = p * s, where s[i] = dy[i] + x[i + 1] * s[i + 1]. No division, so that a
// zero does no harm; a step for each element of the axis.
function cumprodGradient(dy: Tensor, x: Tensor, { axis, exclusive, reverse }: Running): Tensor {
	const [values, slopes] = [tf.unstack(x, axis), tf.unstack(dy, axis)];
	if (reverse) {
		values.reverse();
		slopes.reverse();
	}
	const last = values.length - 1;
	const shares: Tensor[] = [];
	let share = exclusive ? tf.zerosLike(slopes[last]!) : slopes[last]!;
	shares[last] = share;
	for (let i = last - 1; i >= 0; i--) {
		share = tf.add(slopes[exclusive ? i + 1 : i]!, tf.mul(values[i + 1]!, share));
		shares[i] = share;
	}
	const ordered = tf.stack(reverse ? shares.reverse() : shares, axis);
	return tf.mul(ordered, tf.cumprod(x, axis, true, reverse));
}

// Each value's gradient is the product of all others, without a division.
function prodGradient(dy: Tensor, x: Tensor, axis: number | number[]): Tensor {
	const axes = tf.util.parseAxisParam(axis, x.shape);
	const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
	const perm = [...kept, ...axes];
	const turned = tf.transpose(x, perm);
	const lengths = kept.map((i) => x.shape[i]!);
	const together = axes.reduce((product, i) => product * x.shape[i]!, 1);
	const flat = tf.reshape(turned, [...lengths, together]);
	const others = tf.mul(tf.cumprod(flat, kept.length, true), tf.cumprod(flat, kept.length, true, true));
	const gradient = tf.mul(tf.reshape(dy, [...lengths, 1]), others);
	return tf.transpose(tf.reshape(gradient, turned.shape), inverse(perm));
}

// A value's gradient is that of its place and of its mirror images, axis by axis.
function unfoldMirrors(dy: Tensor, shape: readonly number[], attrs: NamedAttrMap): Tensor {
	const { paddings, mode } = attrs as unknown as { paddings: Array<[number, number]>; mode: string };
	const skip = mode === 'reflect' ? 1 : 0;
	return paddings.reduce((whole, [before, after], axis) => {
		const length = shape[axis]!;
		const image = (from: number, count: number, to: number) =>
			along(tf.reverse(part(whole, axis, from, count), axis), axis, to, length - to - count);
		const middle = part(whole, axis, before, length);
		const first = before > 0 ? tf.add(middle, image(0, before, skip)) : middle;
		return after > 0 ? tf.add(first, image(before + length, after, length - skip - after)) : first;
	}, dy);
}

// Zeros between the values, then around them.
function stridedSliceGradient(dy: Tensor, shape: readonly number[], attrs: NamedAttrMap): Tensor {
	const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'].map(
		(name) => (attrs[name] as number | undefined) ?? 0,
	) as [number, number, number, number, number];
	const [begin, end, strides] = [attrs['begin'], attrs['end'], attrs['strides']] as [number[], number[], number[]];
	const info = tf.slice_util.sliceInfo([...shape], begin, end, strides, ...masks);
	if (dy.size === 0) {
		return tf.zeros([...shape]);
	}
	return shape.reduce<Tensor>(
		(whole, length, axis) => {
			const [count, stride] = [info.finalShapeSparse[axis]!, info.strides[axis]!];
			const first = info.begin[axis]! + (stride < 0 ? (count - 1) * stride : 0);
			const forward = stride < 0 ? tf.reverse(whole, axis) : whole;
			const wide = spread(forward, axis, Math.abs(stride));
			return along(wide, axis, first, length - first - wide.shape[axis]!);
		},
		tf.reshape(dy, info.finalShapeSparse),
	);
}

// n values along an axis become (n - 1) * step + 1, with zeros in between.
function spread(x: Tensor, axis: number, step: number): Tensor {
	if (step === 1) {
		return x;
	}
	const [before, count, after] = [x.shape.slice(0, axis), x.shape[axis]!, x.shape.slice(axis + 1)];
	const apart = tf.reshape(x, [...before, count, 1, ...after]);
	const padded = along(apart, axis + 1, 0, step - 1);
	return part(tf.reshape(padded, [...before, count * step, ...after]), axis, 0, (count - 1) * step + 1);
}

// In the order of the kernel: the block's rows, its columns, then the channels.
function spaceToDepth(dy: Tensor, shape: number[], attrs: NamedAttrMap): Tensor {
	const block = attrs['blockSize'] as number;
	if (attrs['dataFormat'] === 'NCHW') {
		const [n, , h, w] = shape as [number, number, number, number];
		const cells = tf.reshape(dy, [n, dy.shape[1]!, h, block, w, block]);
		return tf.reshape(tf.transpose(cells, [0, 3, 5, 1, 2, 4]), shape);
	}
	const [n, h, w] = shape as [number, number, number, number];
	const cells = tf.reshape(dy, [n, h, block, w, block, dy.shape[3]!]);
	return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), shape);
}

function part(x: Tensor, axis: number, from: number, count: number): Tensor {
	const begin = x.shape.map((_, i) => (i === axis ? from : 0));
	return tf.slice(
		x,
		begin,
		x.shape.map((length, i) => (i === axis ? count : length)),
	);
}

// Zeros before and after along an axis.
function along(x: Tensor, axis: number, before: number, after: number): Tensor {
	return before + after === 0
		? x
		: tf.pad(
				x,
				x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])),
			);
}

function inverse(perm: readonly number[]): number[] {
	return perm.map((_, i) => perm.indexOf(i));
}

function replace(
	kernelName: string,
	inputsToSave: string[],
	gradient: (dy: Tensor, saved: Tensor[], attrs: NamedAttrMap) => Gradients,
): void {
	if (tf.getGradient(kernelName) !== undefined) {
		tf.unregisterGradient(kernelName);
	}
	tf.registerGradient({
		kernelName,
		inputsToSave,
		gradFunc: (dy, saved, attrs) => gradient(dy as Tensor, saved, attrs),
	});
}
