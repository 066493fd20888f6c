import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from './tf.ts';

/**
 * Sets each value to zero with probability `rate` and divides the others by `1 - rate`.
 *
 * The mask is a pure function of `seed` (an integer below 2^32) and of the position, so the same seed replays it.
 */
export function dropout(x: tfc.Tensor, rate: number, seed: number): tfc.Tensor {
	return rate === 0 ? x : tf.tidy(() => tf.mul(x, tf.tensor(dropoutMask(x.size, rate, seed), x.shape)));
}

/** What `dropout` multiplies by, value by value. */
export function dropoutMask(size: number, rate: number, seed: number): Float32Array {
	const values = new Float32Array(size);
	const kept = 1 / (1 - rate);
	const threshold = rate * 2 ** 32;
	// Each seed walks over the 2^32 counters from a start and with a stride of its own.
	const start = mix(seed >>> 0);
	const stride = mix(~seed >>> 0) | 1;
	for (let i = 0; i < size; i++) {
		values[i] = mix((start + Math.imul(i, stride)) >>> 0) < threshold ? 0 : kept;
	}
	return values;
}

/** Spreads 32 bits over all 32 (the finalizer of MurmurHash3). */
function mix(value: number): number {
	let bits = value ^ (value >>> 16);
	bits = Math.imul(bits, 0x85ebca6b);
	bits ^= bits >>> 13;
	bits = Math.imul(bits, 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}
