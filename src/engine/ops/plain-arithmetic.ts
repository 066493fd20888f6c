import { tf } from '../tf.ts';
import type { PlainKernel, PlainTensor } from './plain.ts';

/** a to the power of b. JavaScript takes 1 to the power of NaN for NaN, other than IEEE 754. */
export const power: PlainKernel = ({ a, b }) => broadcast(a!, b!, ieeePower);

/** a / b rounded down, as a real number: whole numbers know neither NaN nor infinity. */
export const floorDivision: PlainKernel = ({ a, b }) => broadcast(a!, b!, (x, y) => Math.floor(x / y));

/** Sums of the rows that share an id; ids outside the segments are left out. */
export const segmentSum: PlainKernel = ({ x, segmentIds }, attrs) => {
	const ids = segmentIds!.values;
	const shape = [attrs['numSegments'] as number, ...x!.shape.slice(segmentIds!.shape.length)];
	const width = shape.slice(1).reduce((product, length) => product * length, 1);
	const totals = new Float64Array(shape[0]! * width);
	for (const [row, id] of ids.entries()) {
		for (let i = 0; id >= 0 && id < shape[0]! && i < width; i++) {
			totals[id * width + i]! += x!.values[row * width + i]!;
		}
	}
	return { shape, values: Float32Array.from(totals) };
};

function ieeePower(x: number, y: number): number {
	const isOne = x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY);
	return isOne ? 1 : x ** y;
}

function broadcast(a: PlainTensor, b: PlainTensor, f: (x: number, y: number) => number): PlainTensor {
	const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape as number[], b.shape as number[]);
	const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
	const [inA, inB] = [placeIn(a.shape, shape), placeIn(b.shape, shape)];
	for (let i = 0; i < values.length; i++) {
		values[i] = f(a.values[inA(i)]!, b.values[inB(i)]!);
	}
	return { shape, values };
}

// Where an operand has what the output has at a place; it repeats along axes of length 1.
function placeIn(own: readonly number[], whole: readonly number[]): (place: number) => number {
	const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
	if (size(own) === size(whole)) {
		return (place) => place;
	}
	const skip = whole.length - own.length;
	return (place) => {
		let [rest, at, step] = [place, 0, 1];
		for (let axis = whole.length - 1; axis >= skip; axis--) {
			const length = own[axis - skip]!;
			at += length === 1 ? 0 : (rest % whole[axis]!) * step;
			step *= length;
			rest = Math.floor(rest / whole[axis]!);
		}
		return at;
	};
}
