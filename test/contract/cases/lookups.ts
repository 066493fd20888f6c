import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, arr, build, size } from '../arrays.ts';
import { type Cases, type Draw, shapeOf } from './case.ts';

/** Values found by index, and blocks that trade places with channels. */
export const lookups: Cases = {
	'gather, any axis': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 4), 4);
			const axis = draw(0, shape.length - 1);
			const wanted = shapeOf(draw, draw(1, 2), 4);
			const ids = indices(draw, size(wanted), shape[axis]!);
			const whole = [...shape.slice(0, axis), ...wanted, ...shape.slice(axis + 1)];
			return {
				shapes: [shape],
				engine: (x) => tf.gather(x!, tf.tensor(ids, wanted, 'int32'), axis),
				reference: (x) =>
					build(whole, (index) => {
						const inner = index.slice(axis, axis + wanted.length);
						const id = ids[place(wanted, inner)]!;
						return strict(x!, [...index.slice(0, axis), id, ...index.slice(axis + wanted.length)]);
					}),
			};
		},
	},
	'gather, by batch': {
		draw: (draw) => {
			const [batch, rows, inner, count] = [draw(1, 3), draw(1, 5), draw(1, 4), draw(1, 5)];
			const ids = indices(draw, batch * count, rows);
			return {
				shapes: [[batch, rows, inner]],
				engine: (x) => tf.gather(x!, tf.tensor2d(ids, [batch, count], 'int32'), 1, 1),
				reference: (x) => build([batch, count, inner], ([b, i, j]) => strict(x!, [b!, ids[b! * count + i!]!, j!])),
			};
		},
	},
	'gather, by coordinates': {
		draw: (draw) => {
			const [rows, columns, inner, count] = [draw(1, 4), draw(1, 4), draw(1, 4), draw(1, 6)];
			const ids = Array.from({ length: count }, () => [draw(0, rows - 1), draw(0, columns - 1)] as const);
			return {
				shapes: [[rows, columns, inner]],
				engine: (x) => tf.gatherND(x!, tf.tensor2d(ids.flat(), [count, 2], 'int32')),
				reference: (x) => build([count, inner], ([i, j]) => strict(x!, [...ids[i!]!, j!])),
			};
		},
	},
	'scatter, by coordinates': {
		draw: (draw) => {
			const [rows, inner, count] = [draw(1, 5), draw(1, 4), draw(1, 7)];
			const ids = indices(draw, count, rows);
			return {
				shapes: [[count, inner]],
				engine: (x) => tf.scatterND(tf.tensor2d(ids, [count, 1], 'int32'), x!, [rows, inner]),
				reference: (x) => summed(x!, ids, rows),
			};
		},
	},
	'update by coordinates': {
		draw: (draw) => {
			const [rows, inner] = [draw(2, 5), draw(1, 4)];
			const ids = Array.from({ length: rows }, (_, i) => i).filter(() => draw(0, 1) === 1);
			ids.push(...(ids.length === 0 ? [0] : []));
			const row = (i: number) => ids.indexOf(i);
			return {
				shapes: [
					[rows, inner],
					[ids.length, inner],
				],
				engine: (x, y) => tf.tensorScatterUpdate(x!, tf.tensor2d(ids, [ids.length, 1], 'int32'), y!),
				reference: (x, y) =>
					build([rows, inner], ([i, j]) => (row(i!) < 0 ? strict(x!, [i!, j!]) : strict(y!, [row(i!), j!]))),
			};
		},
	},
	'sum by segment': {
		draw: (draw) => {
			const [rows, inner, segments] = [draw(1, 7), draw(1, 4), draw(1, 5)];
			const ids = indices(draw, rows, segments);
			return {
				shapes: [[rows, inner]],
				engine: (x) => tf.unsortedSegmentSum(x!, tf.tensor1d(ids, 'int32'), segments),
				reference: (x) => summed(x!, ids, segments),
			};
		},
	},
	'depth to space': {
		draw: (draw) => {
			const [n, h, w, c, block] = [draw(1, 2), draw(1, 3), draw(1, 3), draw(1, 3), draw(2, 3)];
			return {
				shapes: [[n, h, w, c * block * block]],
				engine: (x) => tf.depthToSpace(x as Tensor4D, block, 'NHWC'),
				reference: (x) =>
					build([n, h * block, w * block, c], ([m, i, j, k]) => {
						const inside = (i! % block) * block + (j! % block);
						return strict(x!, [m!, Math.floor(i! / block), Math.floor(j! / block), inside * c + k!]);
					}),
			};
		},
	},
	'space to batch': {
		draw: (draw) => {
			const [n, h, w, c, block] = [draw(1, 2), draw(1, 3) * 2, draw(1, 3) * 2, draw(1, 3), 2];
			return {
				shapes: [[n, h, w, c]],
				engine: (x) =>
					tf.spaceToBatchND(
						x!,
						[block, block],
						[
							[0, 0],
							[0, 0],
						],
					),
				reference: (x) =>
					build([n * block * block, h / block, w / block, c], ([m, i, j, k]) => {
						const cell = Math.floor(m! / n);
						return strict(x!, [m! % n, i! * block + Math.floor(cell / block), j! * block + (cell % block), k!]);
					}),
			};
		},
	},
	'batch to space': {
		draw: (draw) => {
			const [n, h, w, c, block] = [draw(1, 2), draw(1, 3), draw(1, 3), draw(1, 3), 2];
			return {
				shapes: [[n * block * block, h, w, c]],
				engine: (x) =>
					tf.batchToSpaceND(
						x as Tensor,
						[block, block],
						[
							[0, 0],
							[0, 0],
						],
					),
				reference: (x) =>
					build([n, h * block, w * block, c], ([m, i, j, k]) => {
						const cell = (i! % block) * block + (j! % block);
						return strict(x!, [cell * n + m!, Math.floor(i! / block), Math.floor(j! / block), k!]);
					}),
			};
		},
	},
	'broadcast to': {
		draw: (draw) => {
			const whole = shapeOf(draw, draw(1, 4), 4);
			const shape = whole.map((length) => (draw(0, 1) ? length : 1)).slice(draw(0, whole.length));
			const skip = whole.length - shape.length;
			return {
				shapes: [shape],
				engine: (x) => tf.broadcastTo(x!, whole),
				reference: (x) =>
					build(whole, (index) =>
						strict(
							x!,
							shape.map((length, a) => (length === 1 ? 0 : index[a + skip]!)),
						),
					),
			};
		},
	},
	'diagonal matrix': {
		draw: (draw) => {
			const n = draw(1, 6);
			return {
				shapes: [[n]],
				engine: (x) => tf.diag(x!),
				reference: (x) => build([n, n], ([i, j]) => (i === j ? x!.data[i!]! : 0)),
			};
		},
	},
};

const indices = (draw: Draw, count: number, most: number): number[] =>
	Array.from({ length: count }, () => draw(0, most - 1));

const place = (shape: readonly number[], index: readonly number[]): number =>
	index.reduce((sum, i, axis) => sum + i * size(shape.slice(axis + 1)), 0);

const strict = (x: Arr, index: readonly number[]): number => x.data[place(x.shape, index)]!;

function summed(x: Arr, ids: readonly number[], rows: number): Arr {
	const inner = x.shape[1]!;
	const out = arr([rows, inner]);
	for (const [i, id] of ids.entries()) {
		for (let j = 0; j < inner; j++) {
			out.data[id * inner + j]! += x.data[i * inner + j]!;
		}
	}
	return out;
}
