import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../src/engine/tf.ts';
import { type Arr, arr, size } from './arrays.ts';
import type { Case, Draw } from './cases/case.ts';

/** What of an example was compared, and how far it was off: as a share of its largest value, or of 1. */
export type Note = (what: 'value' | 'gradient', error: number) => void;

/** Draws an example from a seed and compares value and gradient with the reference; what is wrong, or undefined. */
export async function examine(one: Case, seed: number, note: Note = () => {}): Promise<string | undefined> {
	const draw = drawing(seed);
	const { shapes, engine, reference, distinct = false, positive = false } = one.draw(draw);
	const inputs = shapes.map((shape, i) => values(shape, draw, distinct, positive, i * 0.0123));
	const exact = reference(...inputs);
	const weights = values(exact.shape, draw, false, false);
	const before = tf.memory().numTensors;
	const tensors = inputs.map((input) => tf.tensor(Float32Array.from(input.data), [...input.shape]));
	const scale = tf.tensor(Float32Array.from(weights.data), [...weights.shape]);
	const value = tf.tidy(() => engine(...tensors));
	const gradients = tf.tidy(() => tf.grads((...of: Tensor[]) => tf.sum(tf.mul(engine(...of), scale)))(tensors));
	const numeric = inputs.map((_, i) => () => differences(inputs, i, (...of) => dot(reference(...of), weights)));
	let problem = await compare('value', value, exact, (error) => note('value', error));
	for (const [i, gradient] of gradients.entries()) {
		problem ??= await compare(`gradient ${i}`, gradient, numeric[i]!(), (error) => note('gradient', error));
	}
	tf.dispose([tensors, scale, value, gradients]);
	const left = tf.memory().numTensors - before;
	problem ??= left === 0 ? undefined : `${left} tensors are left behind`;
	return problem && `${problem} for ${JSON.stringify(shapes)}`;
}

// Central differences in float64: the error is of order step^2, far below float32.
function differences(inputs: Arr[], which: number, f: (...inputs: Arr[]) => number): Arr {
	const step = 1e-5;
	const { shape, data } = inputs[which]!;
	const out = arr(shape);
	for (let i = 0; i < data.length; i++) {
		const moved = (by: number) => {
			const copy = arr(shape, data);
			copy.data[i]! += by;
			return f(...inputs.map((input, k) => (k === which ? copy : input)));
		};
		out.data[i] = (moved(step) - moved(-step)) / (2 * step);
	}
	return out;
}

async function compare(
	what: string,
	tensor: Tensor,
	exact: Arr,
	note: (error: number) => void,
): Promise<string | undefined> {
	if (tensor.shape.join() !== exact.shape.join()) {
		return `${what}: shape [${tensor.shape}], not [${exact.shape}]`;
	}
	const data = await tensor.data();
	const largest = exact.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
	for (let i = 0; i < data.length; i++) {
		const difference = Math.abs(data[i]! - exact.data[i]!);
		note(difference / Math.max(1, largest));
		if (!(difference <= 5e-5 * largest + 1e-5)) {
			return `${what}: ${data[i]} at ${i}, not ${exact.data[i]}`;
		}
	}
	return undefined;
}

const dot = (a: Arr, b: Arr): number => a.data.reduce((total, x, i) => total + x * b.data[i]!, 0);

// Float32 values, so that the engine and the reference start from the same numbers.
export function values(shape: readonly number[], draw: Draw, distinct: boolean, positive: boolean, offset = 0): Arr {
	const count = size(shape);
	const spread = () => draw(0, 1_000_000) / 500_000 - 1;
	const order = Array.from({ length: count }, (_, i) => i);
	for (let i = count - 1; i > 0; i--) {
		const j = draw(0, i);
		[order[i], order[j]] = [order[j]!, order[i]!];
	}
	const shift = offset + draw(0, 1000) / 5000 / Math.max(1, count);
	const data = order.map((place) => (distinct ? ((place + 0.37) / count) * 2 - 1 + shift : spread()));
	return arr(
		shape,
		data.map((x) => Math.fround(positive ? 1 + x / 2 : x)),
	);
}

export function drawing(seed: number): Draw {
	let state = (seed >>> 0) % 2147483646 || 1;
	return (from, to) => {
		state = (state * 48271) % 2147483647;
		return from + (state % (to - from + 1));
	};
}
