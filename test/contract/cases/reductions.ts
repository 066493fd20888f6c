import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, broadcast, map, mean, reduce, reshape, softmax, sum } from '../arrays.ts';
import { type Cases, reduction, shapeOf } from './case.ts';

/** Over any axes, kept or not. */
export const reductions: Cases = {
	sum: reduction((x, axes, keep) => tf.sum(x, axes, keep), sum),
	mean: reduction((x, axes, keep) => tf.mean(x, axes, keep), mean),
	max: reduction(
		(x, axes, keep) => tf.max(x, axes, keep),
		(x, axes) => reduce(x, axes, Math.max, Number.NEGATIVE_INFINITY),
	),
	min: reduction(
		(x, axes, keep) => tf.min(x, axes, keep),
		(x, axes) => reduce(x, axes, Math.min, Number.POSITIVE_INFINITY),
	),
	'log sum exp': reduction(
		(x, axes, keep) => tf.logSumExp(x, axes, keep),
		(x, axes) => {
			const largest = reduce(x, axes, Math.max, Number.NEGATIVE_INFINITY);
			const powers = map(
				broadcast(x, largest, (v, m) => v - m),
				Math.exp,
			);
			return broadcast(map(sum(powers, axes), Math.log), largest, (v, m) => v + m);
		},
	),
	'sum, axes counted from the end': reduction((x, axes, keep) => tf.sum(x, fromTheEnd(x, axes), keep), sum),
	'mean, axes counted from the end': reduction((x, axes, keep) => tf.mean(x, fromTheEnd(x, axes), keep), mean),
	'sum over every axis': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(0, 4));
			return { shapes: [shape], engine: (x) => tf.sum(x!), reference: (x) => reshape(sum(x!, [...shape.keys()]), []) };
		},
	},
	'mean over every axis': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(0, 4));
			return {
				shapes: [shape],
				engine: (x) => tf.mean(x!),
				reference: (x) => reshape(mean(x!, [...shape.keys()]), []),
			};
		},
	},
	'sum over no axis': {
		draw: (draw) => ({ shapes: [shapeOf(draw, draw(1, 4))], engine: (x) => tf.sum(x!, []), reference: (x) => x! }),
	},
	'euclidean norm': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 3));
			const axis = draw(0, shape.length - 1);
			const squares = (x: Arr) =>
				sum(
					map(x, (v) => v * v),
					[axis],
				);
			return {
				shapes: [shape],
				engine: (x) => tf.norm(x!, 2, axis, true),
				reference: (x) => map(squares(x!), Math.sqrt),
				positive: true,
			};
		},
	},
	softmax: {
		draw: (draw) => ({
			shapes: [shapeOf(draw, draw(1, 3), 6)],
			engine: (x) => tf.softmax(x!),
			reference: (x) => softmax(x!),
		}),
	},
	'log softmax': {
		draw: (draw) => ({
			shapes: [shapeOf(draw, draw(1, 3), 6)],
			engine: (x) => tf.logSoftmax(x!),
			reference: (x) => {
				const last = [x!.shape.length - 1];
				const largest = reduce(x!, last, Math.max, Number.NEGATIVE_INFINITY);
				const below = broadcast(x!, largest, (v, m) => v - m);
				return broadcast(below, sum(map(below, Math.exp), last), (a, b) => a - Math.log(b));
			},
		}),
	},
};

function fromTheEnd(x: Tensor, axes: readonly number[]): number[] {
	return axes.map((axis) => axis - x.rank);
}
