import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf.ts';
import type { Step } from './slot-optimizer.ts';

/** Weight decay as L2 regularisation: the gradient plus `factor` times the weights, where it applies. */
export function decayedGradient({ gradient, variable, decays }: Step, factor: number): tfc.Tensor {
	return factor === 0 || !decays ? gradient : tf.add(gradient, tf.mul(variable, factor));
}
