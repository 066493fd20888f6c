import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import type { Model } from './contracts/model.ts';

/** The parameter `l2` of every loss. */
export const l2Parameter = z
	.number()
	.min(0)
	.default(0)
	.describe('Adds the part "l2": this factor times half the sum of squares of all kernels (not biases, not norms).');

/** `parts`, and the part `l2` where its factor is above 0: `factor / 2 * sum of squares` of the kernels. */
export function withL2(parts: Record<string, tfc.Scalar>, model: Model, factor: number): Record<string, tfc.Scalar> {
	return factor === 0 ? parts : { ...parts, l2: squaresOfKernels(model, factor) };
}

function squaresOfKernels(model: Model, factor: number): tfc.Scalar {
	return tf.tidy(() => {
		const sums = model
			.variables()
			.filter(({ variable, trainable }) => trainable && variable.rank > 1)
			.map(({ variable }) => tf.sum(tf.square(variable)));
		return tf.mul(sums.length === 0 ? tf.scalar(0) : tf.addN(sums), factor / 2) as tfc.Scalar;
	});
}
