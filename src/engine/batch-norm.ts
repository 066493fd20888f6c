import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from './tf.ts';

type SaveForGradient = (tensors: tfc.Tensor[]) => void;

/** What a training pass of batch normalisation gives; `mean` and `variance` (biased) carry no gradient. */
export interface Normalised {
	readonly outputs: tfc.Tensor;
	readonly mean: tfc.Tensor;
	readonly variance: tfc.Tensor;
}

/**
 * `gamma * (x - mean) / sqrt(variance + epsilon) + beta` with the statistics of this batch over all axes but the last
 * (Ioffe & Szegedy 2015), differentiable in `x`, `gamma` and `beta`.
 */
export function batchNormTraining(x: tfc.Tensor, gamma: tfc.Tensor, beta: tfc.Tensor, epsilon: number): Normalised {
	const rows = x.size / x.shape.at(-1)!;
	const { mean, variance } = tf.tidy(() => {
		const axes = x.shape.slice(0, -1).map((_, axis) => axis);
		const mean = tf.mean(x, axes);
		return { mean, variance: tf.mean(tf.squaredDifference(x, mean), axes) };
	});
	const outputs = tf.customGrad((xs, scale, shift, save) => {
		const [values, weights] = [xs as tfc.Tensor, scale as tfc.Tensor];
		const deviation = tf.rsqrt(tf.add(variance, epsilon));
		const normal = tf.mul(tf.sub(values, mean), deviation);
		(save as SaveForGradient)([normal, weights, deviation]);
		return {
			value: tf.add(tf.mul(normal, weights), shift as tfc.Tensor),
			gradFunc: (dy: tfc.Tensor, saved: tfc.Tensor[]) => gradients(dy, saved, rows),
		};
	})(x, gamma, beta);
	return { outputs, mean, variance };
}

/** The same map with given statistics, as used outside training. */
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

// dx = gamma * deviation * (dy - mean(dy) - normal * mean(dy * normal)), means over the rows.
function gradients(dy: tfc.Tensor, saved: tfc.Tensor[], rows: number): tfc.Tensor[] {
	const [normal, gamma, deviation] = saved as [tfc.Tensor, tfc.Tensor, tfc.Tensor];
	const axes = dy.shape.slice(0, -1).map((_, axis) => axis);
	const dBeta = tf.sum(dy, axes);
	const dGamma = tf.sum(tf.mul(dy, normal), axes);
	const centred = tf.sub(dy, tf.div(dBeta, rows));
	const dx = tf.mul(tf.sub(centred, tf.mul(normal, tf.div(dGamma, rows))), tf.mul(gamma, deviation));
	return [dx, dGamma, dBeta];
}
