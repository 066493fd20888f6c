import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import type { Slots, Step } from './slot-optimizer.ts';

/** The constants of Adam's moments. */
export const adamParameters = {
	beta1: z.number().min(0).lt(1).default(0.9).describe('Decay of the running mean of gradients.'),
	beta2: z.number().min(0).lt(1).default(0.999).describe('Decay of the running mean of squared gradients.'),
	epsilon: z.number().positive().default(1e-8).describe('Added to the root of the second moment.'),
};

interface Constants {
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
}

/** `m̂ / (√v̂ + epsilon)` and the new moments `m`, `v` (Kingma & Ba 2015, algorithm 1). */
export function adamDirection(
	{ slots, step }: Step,
	gradient: tfc.Tensor,
	{ beta1, beta2, epsilon }: Constants,
): { direction: tfc.Tensor; slots: Slots } {
	const m = tf.add(tf.mul(slots['m']!, beta1), tf.mul(gradient, 1 - beta1));
	const v = tf.add(tf.mul(slots['v']!, beta2), tf.mul(tf.square(gradient), 1 - beta2));
	const root = tf.sqrt(tf.div(v, 1 - beta2 ** step));
	return { direction: tf.div(tf.div(m, 1 - beta1 ** step), tf.add(root, epsilon)), slots: { m, v } };
}
