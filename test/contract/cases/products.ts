import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { linear } from '../../../src/engine/fused-ops.ts';
import { tf } from '../../../src/engine/tf.ts';
import { type Arr, broadcast, map, matMul, transpose } from '../arrays.ts';
import type { Cases } from './case.ts';

const relu = (a: Arr): Arr => map(a, (x) => Math.max(x, 0));

/** Matrix products, and what is made of them. */
export const products: Cases = {
	'matrix product': {
		draw: (draw) => {
			const [m, n, k, batches] = [draw(1, 9), draw(1, 9), draw(1, 7), draw(1, 3)];
			const [ta, tb] = [draw(0, 1) === 1, draw(0, 1) === 1];
			const rank = draw(2, 3);
			const lead = rank === 2 ? [] : [batches];
			const second = rank === 3 && draw(0, 1) ? [1] : lead;
			return {
				shapes: [
					[...lead, ...(ta ? [k, m] : [m, k])],
					[...second, ...(tb ? [n, k] : [k, n])],
				],
				engine: (a, b) => tf.matMul(a!, b!, ta, tb),
				reference: (a, b) => matMul(a!, b!, ta, tb),
			};
		},
	},
	'dense layer (fused)': {
		draw: (draw) => {
			const [rows, inputs, outputs] = [draw(1, 7), draw(1, 6), draw(1, 9)];
			const active = draw(0, 1) === 1;
			return {
				shapes: [[rows, inputs], [inputs, outputs], [outputs]],
				engine: (x, w, b) => linear(x as Tensor2D, w as Tensor2D, b as Tensor1D, active ? 'relu' : 'linear'),
				reference: (x, w, b) => {
					const z = broadcast(matMul(x!, w!), b!, (p, q) => p + q);
					return active ? relu(z) : z;
				},
			};
		},
	},
	einsum: {
		draw: (draw) => {
			const [b, i, j, k] = [draw(1, 3), draw(1, 4), draw(1, 4), draw(1, 4)];
			const forms: Array<{ text: string; shapes: number[][]; f: (x: Arr, y: Arr) => Arr }> = [
				{
					text: 'ij,jk->ik',
					shapes: [
						[i, j],
						[j, k],
					],
					f: (x, y) => matMul(x, y),
				},
				{
					text: 'bij,bkj->bik',
					shapes: [
						[b, i, j],
						[b, k, j],
					],
					f: (x, y) => matMul(x, y, false, true),
				},
				{
					text: 'bij,jk->bki',
					shapes: [
						[b, i, j],
						[j, k],
					],
					f: (x, y) => transpose(matMul(x, y), [0, 2, 1]),
				},
			];
			const form = forms[draw(0, forms.length - 1)]!;
			return {
				shapes: form.shapes,
				engine: (x, y) => tf.einsum(form.text, x!, y!),
				reference: (x, y) => form.f(x!, y!),
			};
		},
	},
};
