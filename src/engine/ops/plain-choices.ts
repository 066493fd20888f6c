import { tf } from '../tf.ts';
import type { PlainKernel, PlainTensor } from './plain.ts';

/** Where the largest value along an axis is: the first of equal ones, and the first NaN where there is one. */
export const argMax: PlainKernel = ({ x }, attrs) => firstAlong(x!, attrs['axis'] as number, (a, b) => a > b);

/** Where the smallest is; NaN comes before it, too. */
export const argMin: PlainKernel = ({ x }, attrs) => firstAlong(x!, attrs['axis'] as number, (a, b) => a < b);

/** The k largest values of each row and where they are, in order: NaN first, then downwards; of equals the earlier first. */
export const topK: PlainKernel = ({ x }, attrs) => {
	const k = attrs['k'] as number;
	const { shape, values } = x!;
	const length = shape.at(-1)!;
	const rows = values.length / length;
	const found = new (values.constructor as Float32ArrayConstructor)(rows * k);
	const places = new Int32Array(rows * k);
	for (let row = 0; row < rows; row++) {
		const own = values.subarray(row * length, (row + 1) * length);
		const order = Array.from(own, (_, place) => place).sort((a, b) => downwards(own[a]!, own[b]!) || a - b);
		for (let i = 0; i < k; i++) {
			places[row * k + i] = order[i]!;
			found[row * k + i] = own[order[i]!]!;
		}
	}
	const out = [...shape.slice(0, -1), k];
	return [
		{ shape: out, values: found },
		{ shape: out, values: places },
	];
};

/** -1, 0 or 1; of NaN, NaN. */
export const sign: PlainKernel = ({ x }) => ({ shape: x!.shape, values: x!.values.map((v) => Math.sign(v) + 0) });

// Compares as a sort does: NaN is larger than anything.
function downwards(a: number, b: number): number {
	const [aMissing, bMissing] = [Number.isNaN(a), Number.isNaN(b)];
	if (aMissing || bMissing) {
		return Number(bMissing) - Number(aMissing);
	}
	return a === b ? 0 : a > b ? -1 : 1;
}

function firstAlong(x: PlainTensor, axis: number, precedes: (a: number, b: number) => boolean): PlainTensor {
	const place = tf.util.parseAxisParam(axis, x.shape as number[])[0]!;
	const length = x.shape[place]!;
	const inner = x.shape.slice(place + 1).reduce((product, n) => product * n, 1);
	const shape = x.shape.filter((_, i) => i !== place);
	const values = new Int32Array(x.values.length / length);
	for (let i = 0; i < values.length; i++) {
		const start = Math.floor(i / inner) * length * inner + (i % inner);
		let best = x.values[start]!;
		for (let at = 1; at < length && !Number.isNaN(best); at++) {
			const value = x.values[start + at * inner]!;
			if (precedes(value, best) || Number.isNaN(value)) {
				best = value;
				values[i] = at;
			}
		}
	}
	return { shape, values };
}
