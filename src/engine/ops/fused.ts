import type { NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { mayFuseGradient } from '../fusing.ts';
import { tf } from '../tf.ts';
import { host } from '../wasm-backend.ts';
import { defineBatchNorm } from './batch-norm.ts';
import { address, output, sizeOf } from './kernel.ts';
import { blocksOf, defineManyKernel } from './many.ts';
import { throughRelu } from './relu-gradient.ts';

/** Kernels that do in one pass what tfjs composes of several, and the gradients of the fused layers. */
export function defineFused(): void {
	defineManyKernel('BiasGrad', biasGradient);
	defineManyKernel('SparseCrossEntropy', crossEntropy);
	defineManyKernel('BinaryCrossEntropy', binaryCrossEntropy);
	defineBatchNorm();
	for (const kernelName of ['SparseCrossEntropy', 'BinaryCrossEntropy']) {
		tf.registerGradient({
			kernelName,
			inputsToSave: [],
			outputsToSave: [false, true],
			gradFunc: (dy, [slope]) => ({
				logits: () => tf.mul(tf.expandDims((dy as Tensor[])[0]!, 1), slope!),
			}),
		});
	}
}

/** Gradients of the fused layers, for every backend: tfjs differentiates them only in pieces. */
export function defineFusedGradients(): void {
	tf.registerGradient({
		kernelName: 'FusedConv2D',
		inputsToSave: ['x', 'filter'],
		outputsToSave: [true],
		gradFunc: (dy, [x, filter, y], attrs) => {
			const { dz, db } = throughActivation(dy as Tensor, y!, attrs);
			return {
				x: () => run('Conv2DBackpropInput', { dy: dz, filter: filter! }, { ...attrs, inputShape: x!.shape }),
				filter: () => run('Conv2DBackpropFilter', { x: x!, dy: dz }, { ...attrs, filterShape: filter!.shape }),
				bias: () => db,
			};
		},
	});
	tf.registerGradient({
		kernelName: '_FusedMatMul',
		inputsToSave: ['a', 'b'],
		outputsToSave: [true],
		gradFunc: (dy, [a, b, y], attrs) => {
			const { dz, db } = throughActivation(dy as Tensor, y!, attrs);
			return {
				a: () => tf.matMul(dz, b!, false, true),
				b: () => tf.matMul(a!, dz, true, false),
				bias: () => db,
			};
		},
	});
}

function run(name: string, inputs: { [name: string]: Tensor }, attrs: NamedAttrMap): Tensor {
	return tf.engine().runKernel(name, inputs, attrs) as Tensor;
}

// dz, the gradient before the activation, and its sum over all axes but the last (where there is a bias to ask for it). At once and not when first asked for:
// tfjs disposes of what is made while it asks for one input's gradient.
function throughActivation(dy: Tensor, y: Tensor, attrs: NamedAttrMap): { dz: Tensor; db: Tensor } {
	if (attrs['biased'] === false && attrs['activation'] !== 'relu') {
		return { dz: dy, db: dy };
	}
	return mayFuseGradient() ? inOnePass(dy, y, attrs) : inPieces(dy, y, attrs);
}

function inOnePass(dy: Tensor, y: Tensor, attrs: NamedAttrMap): { dz: Tensor; db: Tensor } {
	const relu = attrs['activation'] === 'relu';
	const [dz, db] = tf.engine().runKernel('BiasGrad', { dy, y }, { relu }) as Tensor[];
	return relu ? { dz: dz!, db: db! } : { dz: dy, db: db! };
}

function inPieces(dy: Tensor, y: Tensor, attrs: NamedAttrMap): { dz: Tensor; db: Tensor } {
	const dz = attrs['activation'] === 'relu' ? throughRelu(dy, y) : dy;
	return { dz, db: tf.sum(tf.reshape(dz, [-1, dz.shape.at(-1)!]), 0) };
}

function biasGradient({ dy, y }: { [name: string]: TensorInfo }, attrs: NamedAttrMap): TensorInfo[] {
	const columns = dy!.shape.at(-1)!;
	const rows = sizeOf(dy!.shape) / columns;
	const blocks = blocksOf(rows, columns);
	const relu = attrs['relu'] === true;
	const dz = output(relu ? dy!.shape : [0]);
	const db = output([columns]);
	const sums = host().space('parts', blocks * columns * 4);
	const words = [address(dy!), address(y!), address(dz), sums, rows, columns, blocks, relu ? 1 : 0];
	host().call('bias_grad', words, blocks, rows * columns);
	sumMiddleOf(sums, address(db), blocks, columns);
	return [dz, db];
}

function sumMiddleOf(sums: number, to: number, blocks: number, columns: number): void {
	host().call('sum_middle', [sums, to, 1, blocks, columns, 1, 1], 1, blocks * columns);
}

function crossEntropy({ logits, labels }: { [name: string]: TensorInfo }, attrs: NamedAttrMap): TensorInfo[] {
	const [rows, columns] = logits!.shape as [number, number];
	const [losses, slope] = [output([rows]), output([rows, columns])];
	const words = [logits!, labels!, losses, slope].map(address);
	host().call('cross_entropy', [...words, rows, columns, attrs['smoothing'] as number], rows, rows * columns * 16);
	return [losses, slope];
}

function binaryCrossEntropy({ logits, targets }: { [name: string]: TensorInfo }): TensorInfo[] {
	const [rows, columns] = logits!.shape as [number, number];
	const [losses, slope] = [output([rows]), output([rows, columns])];
	host().reserve(columns);
	const words = [logits!, targets!, losses, slope].map(address);
	host().call('binary_cross_entropy', [...words, rows, columns], rows, rows * columns * 32);
	return [losses, slope];
}
