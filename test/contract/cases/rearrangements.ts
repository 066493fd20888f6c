import { tf } from '../../../src/engine/tf.ts';
import { at, build, transpose } from '../arrays.ts';
import { type Cases, shapeOf } from './case.ts';

/** Values moved, repeated or left out. */
export const rearrangements: Cases = {
	transpose: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 5), 4);
			const perm = shape.map((_, axis) => axis);
			for (let i = perm.length - 1; i > 0; i--) {
				const j = draw(0, i);
				[perm[i], perm[j]] = [perm[j]!, perm[i]!];
			}
			return { shapes: [shape], engine: (x) => tf.transpose(x!, perm), reference: (x) => transpose(x!, perm) };
		},
	},
	tile: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const reps = shape.map(() => draw(1, 3));
			const whole = shape.map((length, axis) => length * reps[axis]!);
			return {
				shapes: [shape],
				engine: (x) => tf.tile(x!, reps),
				reference: (x) =>
					build(whole, (index) =>
						at(
							x!,
							index.map((i, axis) => i % shape[axis]!),
						),
					),
			};
		},
	},
	gather: {
		draw: (draw) => {
			const [rows, inner, count] = [draw(1, 6), draw(1, 4), draw(1, 8)];
			const ids = Array.from({ length: count }, () => draw(0, rows - 1));
			return {
				shapes: [[rows, inner]],
				engine: (x) => tf.gather(x!, tf.tensor1d(ids, 'int32')),
				reference: (x) => build([count, inner], ([r, j]) => at(x!, [ids[r!]!, j!])),
			};
		},
	},
	slice: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4));
			const begin = shape.map((length) => draw(0, length - 1));
			const size = shape.map((length, axis) => draw(1, length - begin[axis]!));
			return {
				shapes: [shape],
				engine: (x) => tf.slice(x!, begin, size),
				reference: (x) =>
					build(size, (index) =>
						at(
							x!,
							index.map((i, axis) => (shape[axis] === 1 ? 0 : i + begin[axis]!)),
						),
					),
			};
		},
	},
	concatenate: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4));
			const axis = draw(0, shape.length - 1);
			const other = shape.map((length, i) => (i === axis ? draw(1, 4) : length));
			const whole = shape.map((length, i) => (i === axis ? length + other[axis]! : length));
			return {
				shapes: [shape, other],
				engine: (a, b) => tf.concat([a!, b!], axis),
				reference: (a, b) =>
					build(whole, (index) =>
						index[axis]! < shape[axis]!
							? at(a!, index)
							: at(
									b!,
									index.map((i, k) => (k === axis ? i - shape[axis]! : i)),
								),
					),
			};
		},
	},
	pad: {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const pads = shape.map(() => [draw(0, 2), draw(0, 2)] as [number, number]);
			const whole = shape.map((length, axis) => length + pads[axis]![0] + pads[axis]![1]);
			return {
				shapes: [shape],
				engine: (x) => tf.pad(x!, pads),
				reference: (x) =>
					build(whole, (index) => {
						const from = index.map((i, axis) => i - pads[axis]![0]);
						return from.every((i, axis) => i >= 0 && i < shape[axis]!) ? at(x!, from) : 0;
					}),
			};
		},
	},
};
