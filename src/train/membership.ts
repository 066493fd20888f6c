import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf.ts';

/** `[n, groups]` of 1 where the number in `numbers` is that group's, else 0. */
export function membership(numbers: tfc.Tensor1D, groups: number): tfc.Tensor2D {
	// The library's one-hot wants two groups at least; in one group are all.
	return (
		groups === 1 ? tf.ones([numbers.size, 1]) : tf.cast(tf.oneHot(tf.cast(numbers, 'int32'), groups), 'float32')
	) as tfc.Tensor2D;
}
