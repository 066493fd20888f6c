import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { callKernel, defineKernel, release, reshaped, sizeOf } from './kernel.ts';

/** Einstein sums of one or two operands as transpositions around a batched product. */
export function defineEinsum(): void {
	defineKernel('Einsum', (inputs, attrs) => {
		const { operands, out } = parse(attrs['equation'] as string);
		const tensors = Object.values(inputs) as TensorInfo[];
		return tensors.length > 2 ? undefined : einsum(tensors, operands, out);
	});
}

/** The gradient of an Einstein sum, which the stock library has on no backend. */
export function defineEinsumGradient(): void {
	tf.registerGradient({
		kernelName: 'Einsum',
		saveAllInputs: true,
		gradFunc: (dy, saved, attrs) => {
			const { operands, out } = parse(attrs['equation'] as string);
			return Object.fromEntries(
				saved.map((_, i) => [String(i), () => operandGradient(dy as Tensor, saved, operands, out, i)]),
			);
		},
	});
}

interface Equation {
	readonly operands: string[];
	readonly out: string;
}

function parse(equation: string): Equation {
	const [left, right] = equation.replaceAll(' ', '').split('->');
	return { operands: left!.split(','), out: right ?? '' };
}

// The sum over everything but this operand's own letters; letters that nothing else has are spread out afterwards.
function operandGradient(dy: Tensor, saved: Tensor[], operands: string[], out: string, which: number): Tensor {
	const others = operands.filter((_, i) => i !== which);
	const present = [...operands[which]!].filter(
		(letter) => out.includes(letter) || others.some((o) => o.includes(letter)),
	);
	const equation = `${[out, ...others].join(',')}->${present.join('')}`;
	const partly = tf.einsum(equation, dy, ...saved.filter((_, i) => i !== which));
	const { shape } = saved[which]!;
	const kept = shape.map((length, axis) => (present.includes(operands[which]![axis]!) ? length : 1));
	return tf.broadcastTo(tf.reshape(partly, kept), shape);
}

function einsum(tensors: TensorInfo[], operands: string[], out: string): TensorInfo {
	const sizes = new Map<string, number>();
	for (const [i, letters] of operands.entries()) {
		for (const [axis, letter] of [...letters].entries()) {
			sizes.set(letter, tensors[i]!.shape[axis]!);
		}
	}
	const shapeOf = (letters: string) => [...letters].map((letter) => sizes.get(letter)!);
	if (tensors.length === 1) {
		return arrange(tensors[0]!, operands[0]!, out);
	}
	const [first, second] = operands as [string, string];
	const both = [...first].filter((letter) => second.includes(letter));
	const batch = both.filter((letter) => out.includes(letter)).join('');
	const inner = both.filter((letter) => !out.includes(letter)).join('');
	const rows = [...first].filter((letter) => !second.includes(letter) && out.includes(letter)).join('');
	const columns = [...second].filter((letter) => !first.includes(letter) && out.includes(letter)).join('');
	const [b, m, k, n] = [batch, rows, inner, columns].map((letters) => sizeOf(shapeOf(letters))) as [
		number,
		number,
		number,
		number,
	];
	const a = arrange(tensors[0]!, first, batch + rows + inner);
	const c = arrange(tensors[1]!, second, batch + inner + columns);
	const product = callKernel(
		'BatchMatMul',
		{ a: { ...a, shape: [b, m, k] }, b: { ...c, shape: [b, k, n] } },
		{ transposeA: false, transposeB: false },
	);
	const found = batch + rows + columns;
	const turned = arrange({ ...product, shape: shapeOf(found) }, found, out);
	for (const temporary of [a, c, product]) {
		release(temporary);
	}
	return turned;
}

// A tensor whose axes are `letters`, summed over what `wanted` lacks and transposed to its order.
function arrange(x: TensorInfo, letters: string, wanted: string): TensorInfo {
	const axis = [...letters].flatMap((letter, i) => (wanted.includes(letter) ? [] : [i]));
	const left = [...letters].filter((letter) => wanted.includes(letter));
	const summed = axis.length > 0 ? callKernel('Sum', { x }, { axis, keepDims: false }) : reshaped(x, x.shape);
	const perm = [...wanted].map((letter) => left.indexOf(letter));
	const turned = perm.every((from, to) => from === to)
		? reshaped(summed, summed.shape)
		: callKernel('Transpose', { x: summed }, { perm });
	release(summed);
	return turned;
}
