import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from './tf.ts';

/** Batch normalisation with given statistics, as used outside training: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`. */
export function batchNormInference(
	x: tfc.Tensor,
	gamma: tfc.Tensor,
	beta: tfc.Tensor,
	mean: tfc.Tensor,
	variance: tfc.Tensor,
	epsilon: number,
): tfc.Tensor {
	return tf.tidy(() => {
		const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
		return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
	});
}
