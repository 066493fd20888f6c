/** A float64 array with a shape: what the references compute with. */
export interface Arr {
	readonly shape: readonly number[];
	readonly data: Float64Array;
}

export const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

export const arr = (shape: readonly number[], data: ArrayLike<number> = new Float64Array(size(shape))): Arr => ({
	shape,
	data: Float64Array.from(data),
});

/** The array whose element at `index` is `value(index)`. */
export function build(shape: readonly number[], value: (index: number[]) => number): Arr {
	const out = arr(shape);
	const index = shape.map(() => 0);
	for (let i = 0; i < out.data.length; i++) {
		out.data[i] = value(index);
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			index[axis]!++;
			if (index[axis]! < shape[axis]!) {
				break;
			}
			index[axis] = 0;
		}
	}
	return out;
}

/** The element at an index; axes of length 1 repeat, missing leading axes too. */
export function at(a: Arr, index: readonly number[]): number {
	const skip = index.length - a.shape.length;
	let place = 0;
	for (const [axis, length] of a.shape.entries()) {
		place = place * length + (length === 1 ? 0 : index[axis + skip]!);
	}
	return a.data[place]!;
}

export const map = (a: Arr, f: (x: number) => number): Arr => arr(a.shape, a.data.map(f));

export function broadcast(a: Arr, b: Arr, f: (x: number, y: number) => number): Arr {
	const rank = Math.max(a.shape.length, b.shape.length);
	const length = (s: readonly number[], axis: number) => s[axis - rank + s.length] ?? 1;
	const shape = Array.from({ length: rank }, (_, axis) => {
		const [m, n] = [length(a.shape, axis), length(b.shape, axis)];
		return m === 1 ? n : m;
	});
	return build(shape, (index) => f(at(a, index), at(b, index)));
}

/** Reduces the given axes, which stay with length 1. */
export function reduce(a: Arr, axes: readonly number[], f: (x: number, y: number) => number, start: number): Arr {
	const shape = a.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
	const out = arr(shape);
	out.data.fill(start);
	build(a.shape, (index) => {
		let place = 0;
		for (const [axis, length] of shape.entries()) {
			place = place * length + (length === 1 ? 0 : index[axis]!);
		}
		out.data[place] = f(out.data[place]!, at(a, index));
		return 0;
	});
	return out;
}

export const sum = (a: Arr, axes: readonly number[]): Arr => reduce(a, axes, (x, y) => x + y, 0);

export function mean(a: Arr, axes: readonly number[]): Arr {
	const count = axes.reduce((product, axis) => product * a.shape[axis]!, 1);
	return map(sum(a, axes), (x) => x / count);
}

/** Along the last axis; NaN where the largest is infinite. */
export function softmax(x: Arr): Arr {
	const last = [x.shape.length - 1];
	const largest = reduce(x, last, Math.max, Number.NEGATIVE_INFINITY);
	const powers = broadcast(x, largest, (v, m) => Math.exp(v - m));
	return broadcast(powers, sum(powers, last), (a, b) => a / b);
}

export const reshape = (a: Arr, shape: readonly number[]): Arr => ({ shape, data: a.data });

/** [..., m, k] times [..., k, n], either transposed. */
export function matMul(a: Arr, b: Arr, transposeA = false, transposeB = false): Arr {
	const turn = (x: Arr, yes: boolean) => (yes ? swapLast(x) : x);
	const [p, q] = [turn(a, transposeA), turn(b, transposeB)];
	const [m, k, n] = [p.shape.at(-2)!, p.shape.at(-1)!, q.shape.at(-1)!];
	const batch = (p.shape.length >= q.shape.length ? p : q).shape.slice(0, -2);
	return build([...batch, m, n], (index) => {
		const [row, column] = index.slice(-2) as [number, number];
		let total = 0;
		for (let i = 0; i < k; i++) {
			total += at(p, [...index.slice(0, -2), row, i]) * at(q, [...index.slice(0, -2), i, column]);
		}
		return total;
	});
}

function swapLast(a: Arr): Arr {
	const rank = a.shape.length;
	return transpose(a, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

export function transpose(a: Arr, perm: readonly number[]): Arr {
	const shape = perm.map((axis) => a.shape[axis]!);
	return build(shape, (index) => {
		const from: number[] = [];
		for (const [to, axis] of perm.entries()) {
			from[axis] = index[to]!;
		}
		return at(a, from);
	});
}

/** Where a window looks: strides, dilations, padding before the first pixel, and the output's size. */
export interface Window {
	readonly height: number;
	readonly width: number;
	readonly strides: readonly [number, number];
	readonly dilations: readonly [number, number];
	readonly top: number;
	readonly left: number;
	readonly outHeight: number;
	readonly outWidth: number;
}

/** Every position of the window over an image that lies inside it. */
export function inside(
	w: Window,
	x: Arr,
	row: number,
	column: number,
): Array<{ a: number; b: number; h: number; v: number }> {
	const found: Array<{ a: number; b: number; h: number; v: number }> = [];
	for (let a = 0; a < w.height; a++) {
		for (let b = 0; b < w.width; b++) {
			const h = row * w.strides[0] - w.top + a * w.dilations[0];
			const v = column * w.strides[1] - w.left + b * w.dilations[1];
			if (h >= 0 && h < x.shape[1]! && v >= 0 && v < x.shape[2]!) {
				found.push({ a, b, h, v });
			}
		}
	}
	return found;
}

export function conv2d(x: Arr, filter: Arr, w: Window): Arr {
	const [inputs, outputs] = [filter.shape[2]!, filter.shape[3]!];
	return build([x.shape[0]!, w.outHeight, w.outWidth, outputs], ([n, row, column, o]) => {
		let total = 0;
		for (const { a, b, h, v } of inside(w, x, row!, column!)) {
			for (let c = 0; c < inputs; c++) {
				total += at(x, [n!, h, v, c]) * at4(filter, a, b, c, o!);
			}
		}
		return total;
	});
}

export function depthwise(x: Arr, filter: Arr, w: Window): Arr {
	const [channels, multiplier] = [filter.shape[2]!, filter.shape[3]!];
	return build([x.shape[0]!, w.outHeight, w.outWidth, channels * multiplier], ([n, row, column, o]) => {
		const c = Math.floor(o! / multiplier);
		let total = 0;
		for (const { a, b, h, v } of inside(w, x, row!, column!)) {
			total += at(x, [n!, h, v, c]) * at4(filter, a, b, c, o! % multiplier);
		}
		return total;
	});
}

export function pool(x: Arr, w: Window, kind: 'max' | 'avg'): Arr {
	return build([x.shape[0]!, w.outHeight, w.outWidth, x.shape[3]!], ([n, row, column, c]) => {
		const values = inside(w, x, row!, column!).map(({ h, v }) => at(x, [n!, h, v, c!]));
		return kind === 'max' ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length;
	});
}

function at4(f: Arr, a: number, b: number, c: number, d: number): number {
	const [, s1, s2, s3] = f.shape as [number, number, number, number];
	return f.data[((a * s1 + b) * s2 + c) * s3 + d]!;
}
