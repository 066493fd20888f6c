import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';

/**
 * What of the gradient dy passes back through a relu at x (its value serves as well): all of it above zero, none below.
 * At NaN it is NaN, as of every function here that decides by a comparison.
 */
export function throughRelu(dy: Tensor, x: Tensor): Tensor {
	return orNaN(x, tf.where(tf.greater(x, 0), dy, tf.zerosLike(dy)));
}

/** A gradient, but NaN where x is. */
export function orNaN(x: Tensor, gradient: Tensor): Tensor {
	return tf.where(tf.isNaN(x), x, gradient);
}
