import { tf } from '../../../src/engine/tf.ts';
import { broadcast, map, mean, reduce, sum } from '../arrays.ts';
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
		(x, axes) => map(sum(map(x, Math.exp), axes), Math.log),
	),
	softmax: {
		draw: (draw) => ({
			shapes: [shapeOf(draw, draw(1, 3), 6)],
			engine: (x) => tf.softmax(x!),
			reference: (x) => broadcast(map(x!, Math.exp), sum(map(x!, Math.exp), [x!.shape.length - 1]), (a, b) => a / b),
		}),
	},
	'log softmax': {
		draw: (draw) => ({
			shapes: [shapeOf(draw, draw(1, 3), 6)],
			engine: (x) => tf.logSoftmax(x!),
			reference: (x) => broadcast(x!, sum(map(x!, Math.exp), [x!.shape.length - 1]), (a, b) => a - Math.log(b)),
		}),
	},
};
