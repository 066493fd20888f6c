import type * as tfc from '@tensorflow/tfjs-core';
import { valuesWritten } from '../engine/stored-values.ts';
import { tf } from '../engine/tf.ts';
import { hasKernels } from '../engine/wasm-backend.ts';

/**
 * 1 for each row whose class is among the `k` largest logits, else 0, as float32 `[batch]`.
 *
 * Of equal logits the lower class wins, and a row with a logit that is not a number answers nothing: constant or broken
 * outputs earn no more than one class.
 */
export function withinTop(logits: tfc.Tensor2D, classes: tfc.Tensor1D, k: number): tfc.Tensor1D {
	return hasKernels() ? tf.tensor1d(rankedHere(logits, classes, k)) : rankedThere(logits, classes, k);
}

/** How many rows have their class among the `k` largest logits (`withinTop`), as float32 `[1]`. */
export function countWithinTop(logits: tfc.Tensor2D, classes: tfc.Tensor1D, k: number): tfc.Tensor1D {
	if (hasKernels()) {
		const count = rankedHere(logits, classes, k).reduce((sum, one) => sum + one, 0);
		return valuesWritten([1], (values) => void values.fill(count)) as tfc.Tensor1D;
	}
	return tf.tidy(() => tf.reshape(tf.sum(rankedThere(logits, classes, k)), [1]));
}

// Where reading a tensor costs nothing, a loop over a few thousand numbers is done before a dozen operations have begun.
function rankedHere(logits: tfc.Tensor2D, classes: tfc.Tensor1D, k: number): Float32Array {
	const [batch, count] = logits.shape;
	const values = logits.dataSync();
	const answers = classes.dataSync();
	const within = new Float32Array(batch);
	for (let row = 0; row < batch; row += 1) {
		const beaten = beatenBy(values, row * count, count, answers[row]!);
		within[row] = beaten >= count - k ? 1 : 0;
	}
	return within;
}

// How many of the `count` logits that begin at `start` the one of a class beats; less than none where one is NaN, or where
// the model has no output for the class.
function beatenBy(values: ArrayLike<number>, start: number, count: number, own: number): number {
	if (own < 0 || own >= count) {
		return Number.NEGATIVE_INFINITY;
	}
	const value = values[start + own]!;
	let beaten = 0;
	for (let i = 0; i < count; i += 1) {
		const other = values[start + i]!;
		if (Number.isNaN(other)) {
			return Number.NEGATIVE_INFINITY;
		}
		beaten += other < value || (other === value && i > own) ? 1 : 0;
	}
	return beaten;
}

function rankedThere(logits: tfc.Tensor2D, classes: tfc.Tensor1D, k: number): tfc.Tensor1D {
	return tf.tidy(() => {
		const count = logits.shape[1];
		const column = tf.expandDims(classes, 1);
		const numbers = tf.expandDims(tf.range(0, count, 1, 'int32'), 0);
		const isOwn = tf.equal(numbers, column);
		const own = tf.sum(tf.where(isOwn, logits, tf.zerosLike(logits)), 1, true);
		const below = tf.less(logits, own);
		const equalAfter = tf.logicalAnd(tf.equal(logits, own), tf.greater(numbers, column));
		const beaten = tf.sum(tf.cast(tf.logicalOr(below, equalAfter), 'float32'), 1);
		const answered = tf.logicalAnd(tf.any(isOwn, 1), tf.logicalNot(tf.any(tf.isNaN(logits), 1)));
		return tf.cast(tf.logicalAnd(tf.greaterEqual(beaten, count - k), answered), 'float32') as tfc.Tensor1D;
	});
}
