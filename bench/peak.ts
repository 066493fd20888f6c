import { tf } from '../src/engine/tf.ts';

/** The best rate of a product of square matrices of 1536 rows within some seconds, in GFLOP/s. */
export function peakProduct(seconds: number): number {
	const size = 1536;
	const [a, b] = [tf.ones([size, size]), tf.ones([size, size])];
	let best = Number.POSITIVE_INFINITY;
	for (const start = performance.now(); performance.now() - start < seconds * 1e3; ) {
		const before = performance.now();
		tf.matMul(a, b).dispose();
		best = Math.min(best, performance.now() - before);
	}
	return (2 * size ** 3) / best / 1e6;
}
