import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from './tf.ts';

type SaveForGradient = (tensors: tfc.Tensor[]) => void;

/**
 * Mean over the batch of `-sum(target * log softmax(logits))`, where the target puts `1 - smoothing` on the label and
 * spreads `smoothing` evenly over all classes. Differentiable in the logits: `(softmax - target) / batch`.
 */
export function crossEntropy(logits: tfc.Tensor2D, labels: tfc.Tensor1D, smoothing: number): tfc.Scalar {
	const [batch, classes] = logits.shape;
	return tf.customGrad((values, save) => {
		const logProbabilities = tf.logSoftmax(values as tfc.Tensor2D);
		const target = tf.oneHot(labels, classes, 1 - smoothing + smoothing / classes, smoothing / classes);
		(save as SaveForGradient)([logProbabilities, target]);
		return {
			value: tf.div(tf.neg(tf.sum(tf.mul(target, logProbabilities))), batch),
			gradFunc: (dy: tfc.Tensor, saved: tfc.Tensor[]) =>
				tf.mul(tf.sub(tf.exp(saved[0]!), saved[1]!), tf.div(dy, batch)),
		};
	})(logits) as tfc.Scalar;
}
