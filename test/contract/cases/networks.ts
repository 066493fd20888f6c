import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { dropout, dropoutMask } from '../../../src/engine/dropout.ts';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, arr, at, broadcast, build, map, matMul, mean, softmax } from '../arrays.ts';
import { type Cases, shapeOf } from './case.ts';

/** Parts of networks, composed of many operations. */
export const networks: Cases = {
	'layer normalisation': {
		draw: (draw) => {
			const shape = [...shapeOf(draw, draw(1, 2), 4), draw(2, 6)];
			const c = shape.at(-1)!;
			return {
				shapes: [shape, [c], [c]],
				engine: (x, gamma, beta) => {
					const { mean: centre, variance } = tf.moments(x!, -1, true);
					const unit = tf.mul(tf.sub(x!, centre), tf.rsqrt(tf.add(variance, 0.01)));
					return tf.add(tf.mul(unit, gamma!), beta!);
				},
				reference: (x, gamma, beta) => {
					const axis = [shape.length - 1];
					const centred = broadcast(x!, mean(x!, axis), (p, q) => p - q);
					const variance = mean(
						map(centred, (v) => v * v),
						axis,
					);
					const unit = broadcast(centred, variance, (p, q) => p / Math.sqrt(q + 0.01));
					return plus(times(unit, gamma!), beta!);
				},
			};
		},
	},
	'attention, masked': {
		draw: (draw) => {
			const [batch, n, d] = [draw(1, 3), draw(1, 5), draw(1, 4)];
			const hidden = build([n, n], ([i, j]) => (j! > i! ? -1e9 : 0));
			return {
				shapes: [
					[batch, n, d],
					[batch, n, d],
					[batch, n, d],
				],
				engine: (q, k, v) => {
					const mask = tf.tensor2d([...hidden.data], [n, n]);
					const scores = tf.add(tf.div(tf.matMul(q!, k!, false, true), Math.sqrt(d)), mask);
					return tf.matMul(tf.softmax(scores), v!);
				},
				reference: (q, k, v) => {
					const scores = plus(
						map(matMul(q!, k!, false, true), (x) => x / Math.sqrt(d)),
						hidden,
					);
					return matMul(softmax(scores), v!);
				},
			};
		},
	},
	'LSTM cell': {
		draw: (draw) => {
			const [batch, inputs, units] = [draw(1, 3), draw(1, 4), draw(1, 4)];
			return {
				shapes: [[batch, inputs], [batch, units], [batch, units], [inputs + units, 4 * units], [4 * units]],
				engine: (x, c, h, kernel, bias) => {
					const forget = tf.scalar(1);
					const [cell, out] = tf.basicLSTMCell(
						forget,
						kernel as Tensor2D,
						bias as never,
						x as Tensor2D,
						c as Tensor2D,
						h as Tensor2D,
					);
					return tf.concat([cell, out], 1);
				},
				reference: (x, c, h, kernel, bias) => {
					const z = plus(matMul(beside(x!, h!), kernel!), bias!);
					const gate = (which: number, f: (v: number) => number) =>
						build([batch, units], ([i, j]) => f(at(z, [i!, which * units + j!])));
					const kept = times(
						c!,
						gate(2, (v) => sigmoid(v + 1)),
					);
					const cell = plus(kept, times(gate(0, sigmoid), gate(1, Math.tanh)));
					return beside(cell, times(map(cell, Math.tanh), gate(3, sigmoid)));
				},
			};
		},
	},
	'GRU cell': {
		draw: (draw) => {
			const [batch, inputs, units] = [draw(1, 3), draw(1, 4), draw(1, 4)];
			return {
				shapes: [
					[batch, inputs],
					[batch, units],
					[inputs, 3 * units],
					[units, 3 * units],
				],
				engine: (x, h, kernel, recurrent) => {
					const [a, b, c] = tf.split(tf.matMul(x!, kernel!), 3, 1) as [Tensor, Tensor, Tensor];
					const [p, q, r] = tf.split(tf.matMul(h!, recurrent!), 3, 1) as [Tensor, Tensor, Tensor];
					const update = tf.sigmoid(tf.add(a, p));
					const fresh = tf.tanh(tf.add(c, tf.mul(tf.sigmoid(tf.add(b, q)), r)));
					return tf.add(tf.mul(update, h!), tf.mul(tf.sub(1, update), fresh));
				},
				reference: (x, h, kernel, recurrent) => {
					const [z, w] = [matMul(x!, kernel!), matMul(h!, recurrent!)];
					const part = (y: Arr, which: number) => build([batch, units], ([i, j]) => at(y, [i!, which * units + j!]));
					const update = map(plus(part(z, 0), part(w, 0)), sigmoid);
					const reset = map(plus(part(z, 1), part(w, 1)), sigmoid);
					const fresh = map(plus(part(z, 2), times(reset, part(w, 2))), Math.tanh);
					return plus(
						times(update, h!),
						times(
							map(update, (u) => 1 - u),
							fresh,
						),
					);
				},
			};
		},
	},
	'embedding, of a sequence': {
		draw: (draw) => {
			const [words, width, batch, length] = [draw(1, 6), draw(1, 4), draw(1, 3), draw(1, 5)];
			const ids = Array.from({ length: batch * length }, () => draw(0, words - 1));
			return {
				shapes: [[words, width]],
				engine: (table) => tf.gather(table!, tf.tensor2d(ids, [batch, length], 'int32')),
				reference: (table) => build([batch, length, width], ([i, j, k]) => at(table!, [ids[i! * length + j!]!, k!])),
			};
		},
	},
	'dropout, replayed': {
		draw: (draw) => {
			const shape = shapeOf(draw, draw(1, 3), 6);
			const [rate, seed] = [draw(1, 9) / 10, draw(0, 1_000_000)];
			return {
				shapes: [shape],
				engine: (x) => dropout(x!, rate, seed),
				// The mask that the same seed draws for ones, whose own distribution has a test elsewhere.
				reference: (x) => {
					const mask = dropoutMask(x!.data.length, rate, seed);
					return arr(
						shape,
						x!.data.map((v, i) => (mask[i] === 0 ? 0 * v : v / (1 - rate))),
					);
				},
			};
		},
	},
};

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const plus = (a: Arr, b: Arr): Arr => broadcast(a, b, (x, y) => x + y);
const times = (a: Arr, b: Arr): Arr => broadcast(a, b, (x, y) => x * y);

function beside(a: Arr, b: Arr): Arr {
	const [rows, left, right] = [a.shape[0]!, a.shape[1]!, b.shape[1]!];
	return build([rows, left + right], ([i, j]) => (j! < left ? at(a, [i!, j!]) : at(b, [i!, j! - left])));
}
