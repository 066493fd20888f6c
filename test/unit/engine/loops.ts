import type { backend_util } from '@tensorflow/tfjs-core';

type Info = backend_util.Conv2DInfo;
type Values = ArrayLike<number>;

/** Visits every tap of every output position that lies inside the image. */
function eachTap(i: Info, visit: (tap: number, xAt: number, yAt: number) => void): void {
	let yAt = 0;
	for (let image = 0; image < i.batchSize; image++) {
		for (let row = 0; row < i.outHeight; row++) {
			for (let column = 0; column < i.outWidth; column++, yAt++) {
				for (let tap = 0; tap < i.filterHeight * i.filterWidth; tap++) {
					const [a, b] = [Math.floor(tap / i.filterWidth), tap % i.filterWidth];
					const h = row * i.strideHeight - i.padInfo.top + a * i.dilationHeight;
					const w = column * i.strideWidth - i.padInfo.left + b * i.dilationWidth;
					if (h >= 0 && h < i.inHeight && w >= 0 && w < i.inWidth) {
						visit(tap, (image * i.inHeight + h) * i.inWidth + w, yAt);
					}
				}
			}
		}
	}
}

/** A convolution and both its gradients, from x, filter and dy, in float64. */
export function convolution(x: Values, f: Values, dy: Values, i: Info) {
	const { inChannels: c, outChannels: o } = i;
	const y = new Float64Array(i.batchSize * i.outHeight * i.outWidth * o);
	const dx = new Float64Array(x.length);
	const df = new Float64Array(f.length);
	eachTap(i, (tap, xAt, yAt) => {
		for (let p = 0; p < c; p++) {
			for (let q = 0; q < o; q++) {
				const [from, weight, to] = [xAt * c + p, (tap * c + p) * o + q, yAt * o + q];
				y[to]! += x[from]! * f[weight]!;
				dx[from]! += dy[to]! * f[weight]!;
				df[weight]! += dy[to]! * x[from]!;
			}
		}
	});
	return { y, dx, df };
}

/** A depthwise convolution and both its gradients. */
export function depthwise(x: Values, f: Values, dy: Values, i: Info) {
	const { inChannels: c, outChannels: o } = i;
	const y = new Float64Array(i.batchSize * i.outHeight * i.outWidth * o);
	const dx = new Float64Array(x.length);
	const df = new Float64Array(f.length);
	eachTap(i, (tap, xAt, yAt) => {
		for (let q = 0; q < o; q++) {
			const [from, weight, to] = [xAt * c + Math.floor((q * c) / o), tap * o + q, yAt * o + q];
			y[to]! += x[from]! * f[weight]!;
			dx[from]! += dy[to]! * f[weight]!;
			df[weight]! += dy[to]! * x[from]!;
		}
	});
	return { y, dx, df };
}

/** Max pooling and its gradient, which goes to the first of the largest elements of a window, or to its first NaN. */
export function maxPooling(x: Values, dy: Values, i: Info): { y: Float64Array; dx: Float64Array } {
	const { inChannels: c } = i;
	const best = new Int32Array(i.batchSize * i.outHeight * i.outWidth * c).fill(-1);
	eachTap(i, (_tap, xAt, yAt) => {
		for (let p = 0; p < c; p++) {
			const [from, to] = [xAt * c + p, yAt * c + p];
			const most = x[best[to]!]!;
			if (best[to]! < 0 || x[from]! > most || (Number.isNaN(x[from]!) && !Number.isNaN(most))) {
				best[to] = from;
			}
		}
	});
	const dx = new Float64Array(x.length);
	for (const [to, from] of best.entries()) {
		dx[from]! += dy[to]!;
	}
	return { y: Float64Array.from(best, (from) => x[from]!), dx };
}

/** [batches][m][k] times [batches][k][n]; a step of 0 uses one matrix for the whole batch. */
export function product(
	a: Values,
	b: Values,
	of: { batches: number; m: number; n: number; k: number; ta: boolean; tb: boolean; aStep: number; bStep: number },
): Float64Array {
	const { batches, m, n, k, ta, tb } = of;
	const out = new Float64Array(batches * m * n);
	for (let at = 0; at < out.length; at++) {
		const [z, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
		for (let p = 0; p < k; p++) {
			const left = a[z * of.aStep + (ta ? p * m + i : i * k + p)]!;
			out[at]! += left * b[z * of.bStep + (tb ? j * k + p : p * n + j)]!;
		}
	}
	return out;
}
