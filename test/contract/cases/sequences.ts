import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, arr, at, build, size } from '../arrays.ts';
import { type Cases, type Draw, shapeOf } from './case.ts';

/** Values in a row: running sums, parts of a tensor, tensors side by side. */
export const sequences: Cases = {
	'cumulative sum': running(
		(x, axis, exclusive, reverse) => tf.cumsum(x, axis, exclusive, reverse),
		(a, b) => a + b,
		0,
	),
	'cumulative product': running(
		(x, axis, exclusive, reverse) => tf.cumprod(x, axis, exclusive, reverse),
		(a, b) => a * b,
		1,
	),
	'product along axes': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const axis = draw(0, shape.length - 1);
			const keep = draw(0, 1) === 1;
			const out = shape.map((length, i) => (i === axis ? 1 : length));
			return {
				shapes: [shape],
				engine: (x) => tf.prod(x!, axis - (keep ? shape.length : 0), keep),
				reference: (x) => {
					const whole = build(out, (index) =>
						along(shape[axis]!, index, axis, (i) => at(x!, i)).reduce((a, b) => a * b, 1),
					);
					return keep ? whole : { ...whole, shape: shape.filter((_, i) => i !== axis) };
				},
				positive: true,
			};
		},
	},
	reverse: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const axes = shape.map((_, axis) => axis).filter(() => draw(0, 1) === 1);
			return {
				shapes: [shape],
				engine: (x) => (axes.length > 0 ? tf.reverse(x!, axes) : tf.mul(x!, 1)),
				reference: (x) =>
					build(shape, (index) =>
						at(
							x!,
							index.map((i, a) => (axes.includes(a) ? shape[a]! - 1 - i : i)),
						),
					),
			};
		},
	},
	'strided slice': {
		missing: { gpu: 'no gradient with four axes' },
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4));
			const steps = shape.map(() => draw(1, 3) * (draw(0, 1) ? 1 : -1));
			const begin = shape.map((length) => draw(0, length - 1));
			const count = shape.map((length, a) => draw(1, steps[a]! > 0 ? length - begin[a]! : begin[a]! + 1));
			const end = shape.map((length, a) =>
				steps[a]! > 0 ? begin[a]! + count[a]! : begin[a]! - count[a]! < 0 ? -length - 1 : begin[a]! - count[a]!,
			);
			const out = count.map((n, a) => Math.ceil(n / Math.abs(steps[a]!)));
			return {
				shapes: [shape],
				engine: (x) => tf.stridedSlice(x!, begin, end, steps),
				reference: (x) =>
					build(out, (index) =>
						strict(
							x!,
							index.map((i, a) => begin[a]! + i * steps[a]!),
						),
					),
			};
		},
	},
	split: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const axis = draw(0, shape.length - 1);
			const parts = [draw(0, 3), draw(1, 3), draw(1, 2)];
			const whole = shape.map((length, a) => (a === axis ? parts[0]! + parts[1]! + parts[2]! : length));
			const chosen = shape.map((length, a) => (a === axis ? parts[1]! : length));
			return {
				shapes: [whole],
				engine: (x) => tf.split(x!, parts, axis)[1]!,
				reference: (x) =>
					build(chosen, (index) =>
						strict(
							x!,
							index.map((i, a) => (a === axis ? i + parts[0]! : i)),
						),
					),
			};
		},
	},
	stack: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(0, 3), 4);
			const axis = draw(0, shape.length);
			const whole = [...shape.slice(0, axis), 2, ...shape.slice(axis)];
			return {
				shapes: [shape, shape],
				engine: (a, b) => tf.stack([a!, b!], axis),
				reference: (a, b) =>
					build(whole, (index) =>
						strict(
							index[axis] === 0 ? a! : b!,
							index.filter((_, i) => i !== axis),
						),
					),
			};
		},
	},
	unstack: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const axis = draw(0, shape.length - 1);
			const which = draw(0, shape[axis]! - 1);
			const rest = shape.filter((_, i) => i !== axis);
			return {
				shapes: [shape],
				engine: (x) => tf.unstack(x!, axis)[which]!,
				reference: (x) => build(rest, (index) => strict(x!, [...index.slice(0, axis), which, ...index.slice(axis)])),
			};
		},
	},
	'mirrored padding': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4).map((length) => length + 1);
			const mode = draw(0, 1) === 1 ? 'reflect' : 'symmetric';
			const most = (length: number) => (mode === 'reflect' ? length - 1 : length);
			const pads = shape.map((length) => [draw(0, most(length)), draw(0, most(length))] as [number, number]);
			const whole = shape.map((length, a) => length + pads[a]![0] + pads[a]![1]);
			const skip = mode === 'reflect' ? 1 : 0;
			const mirrored = (i: number, length: number) =>
				i < 0 ? -i - 1 + skip : i >= length ? 2 * length - 1 - skip - i : i;
			return {
				shapes: [shape],
				engine: (x) => tf.mirrorPad(x!, pads, mode),
				reference: (x) =>
					build(whole, (index) =>
						strict(
							x!,
							index.map((i, a) => mirrored(i - pads[a]![0], shape[a]!)),
						),
					),
			};
		},
	},
	'largest k': {
		draw: (draw) => {
			const shape = [...shapeOf(draw, draw(0, 2), 4), draw(1, 9)];
			const k = draw(1, shape.at(-1)!);
			return {
				shapes: [shape],
				engine: (x) => tf.topk(x!, k).values,
				reference: (x) => {
					const out = arr([...shape.slice(0, -1), k]);
					const length = shape.at(-1)!;
					for (let row = 0; row * length < x!.data.length; row++) {
						const sorted = [...x!.data.slice(row * length, (row + 1) * length)].sort(downwards);
						out.data.set(sorted.slice(0, k), row * k);
					}
					return out;
				},
				distinct: true,
			};
		},
	},
};

type Running = (x: Tensor, axis: number, exclusive: boolean, reverse: boolean) => Tensor;

function running(engine: Running, f: (a: number, b: number) => number, start: number) {
	return {
		draw: (draw: Draw) => {
			const shape = shapeOf(draw, draw(1, 4));
			const axis = draw(0, shape.length - 1);
			const [exclusive, reverse] = [draw(0, 1) === 1, draw(0, 1) === 1];
			return {
				shapes: [shape],
				engine: (x: Tensor | undefined) => engine(x!, axis, exclusive, reverse),
				reference: (x: Arr | undefined) =>
					build(shape, (index) => {
						const here = index[axis]!;
						const counts = (i: number) => (reverse ? i > here : i < here) || (i === here && !exclusive);
						const line = along(shape[axis]!, index, axis, (place) => strict(x!, place));
						return line.filter((_, i) => counts(i)).reduce(f, start);
					}),
				positive: true,
			};
		},
	};
}

// NaN first.
function downwards(a: number, b: number): number {
	return Number(Number.isNaN(b)) - Number(Number.isNaN(a)) || (a === b ? 0 : b - a);
}

// What `value` is at each place of a line through `index`.
function along(length: number, index: readonly number[], axis: number, value: (index: number[]) => number): number[] {
	return Array.from({ length }, (_, i) => value(index.map((here, a) => (a === axis ? i : here))));
}

// The element at exactly this index: nothing repeats.
function strict(x: Arr, index: readonly number[]): number {
	const place = index.reduce((sum, i, axis) => sum + i * size(x.shape.slice(axis + 1)), 0);
	return x.data[place]!;
}
