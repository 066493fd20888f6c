import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { areFloat, defineKernel, sizeOf } from './kernel.ts';
import { multiply } from './tile.ts';

// Below this length of the sums the stock kernels split nothing and are right as they are.
const longSum = 512;
const fewTiles = 128;

/**
 * Matrix products with long sums and few results. The stock kernel adds their parts with atomics, in an order that
 * changes from run to run, or leaves most of a large GPU idle.
 */
export function defineProducts(): void {
	defineKernel('BatchMatMul', ({ a, b }, attrs) => product(a!, b!, undefined, attrs));
	defineKernel('_FusedMatMul', ({ a, b, bias, preluActivationWeights }, attrs) => {
		const activation = (attrs['activation'] as string | undefined) ?? 'linear';
		const fits = bias === undefined || (areFloat(bias) && sizeOf(bias.shape) === bias.shape.at(-1));
		const ours = fits && preluActivationWeights === undefined && ['linear', 'relu'].includes(activation);
		return ours ? product(a!, b!, bias, attrs, activation === 'relu') : undefined;
	});
}

function product(a: TensorInfo, b: TensorInfo, bias: TensorInfo | undefined, attrs: NamedAttrMap, relu = false) {
	const [transposeA, transposeB] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
	const [p, q] = a.shape.slice(-2) as [number, number];
	const [r, s] = b.shape.slice(-2) as [number, number];
	const [m, k] = transposeA ? [q, p] : [p, q];
	const [inner, n] = transposeB ? [s, r] : [r, s];
	const tiles = Math.ceil(m / 32) * Math.ceil(n / 32);
	const single = sizeOf(a.shape) === p * q && sizeOf(b.shape) === r * s;
	if (!single || !areFloat(a, b) || k !== inner || k < longSum || tiles > fewTiles || m * n === 0) {
		return undefined;
	}
	const outer = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
	return multiply({
		key: `product ${transposeA} ${transposeB}`,
		operands: `
fn left(batch: u32, row: u32, k: u32) -> f32 { return a[${transposeA ? 'k * uniforms.m + row' : 'row * uniforms.k + k'}]; }
fn right(batch: u32, k: u32, column: u32) -> f32 { return b[${transposeB ? 'column * uniforms.k + k' : 'k * uniforms.n + column'}]; }`,
		leftRuns: transposeA ? 'row' : 'k',
		rightRuns: transposeB ? 'k' : 'column',
		a,
		b,
		names: [],
		values: [],
		batches: 1,
		m,
		n,
		k,
		shape: [...outer, m, n],
		bias,
		relu,
	});
}
