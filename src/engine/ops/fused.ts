import type { NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { hasKernels, host } from '../wasm-backend.ts';
import { address, output, release, sizeOf } from './kernel.ts';
import { sumMiddle } from './reduction.ts';

/** Kernels that do in one pass what tfjs composes of several, and the gradients of the fused layers. */
export function defineFused(): void {
	defineManyKernel('BiasGrad', biasGradient);
	defineManyKernel('BatchNormTrain', batchNorm);
	defineManyKernel('BatchNormTrainGrad', batchNormGradient);
	defineManyKernel('SparseCrossEntropy', crossEntropy);
	defineManyKernel('BinaryCrossEntropy', binaryCrossEntropy);
	tf.registerGradient({
		kernelName: 'BatchNormTrain',
		inputsToSave: ['x', 'gamma'],
		outputsToSave: [false, true, true],
		gradFunc: (dy, [x, gamma, mean, variance], attrs) => {
			const inputs = { x: x!, dy: (dy as Tensor[])[0]!, gamma: gamma!, mean: mean!, variance: variance! };
			const [dx, dgamma, dbeta] = tf.engine().runKernel('BatchNormTrainGrad', inputs, attrs) as Tensor[];
			return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta! };
		},
	});
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

// dz, the gradient before the activation, and its sum over all axes but the last. At once and not when first asked for:
// tfjs disposes of what is made while it asks for one input's gradient.
function throughActivation(dy: Tensor, y: Tensor, attrs: NamedAttrMap): { dz: Tensor; db: Tensor } {
	return hasKernels() ? inOnePass(dy, y, attrs) : inPieces(dy, y, attrs);
}

function inOnePass(dy: Tensor, y: Tensor, attrs: NamedAttrMap): { dz: Tensor; db: Tensor } {
	const relu = attrs['activation'] === 'relu';
	const [dz, db] = tf.engine().runKernel('BiasGrad', { dy, y }, { relu }) as Tensor[];
	return relu ? { dz: dz!, db: db! } : { dz: dy, db: db! };
}

function inPieces(dy: Tensor, y: Tensor, attrs: NamedAttrMap): { dz: Tensor; db: Tensor } {
	const dz = attrs['activation'] === 'relu' ? tf.mul(dy, tf.step(y)) : dy;
	return { dz, db: tf.sum(tf.reshape(dz, [-1, dz.shape.at(-1)!]), 0) };
}

type ManyKernel = (inputs: { [name: string]: TensorInfo }, attrs: NamedAttrMap) => TensorInfo[];

function defineManyKernel(kernelName: string, kernel: ManyKernel): void {
	tf.registerKernel({
		kernelName,
		backendName: 'wasm',
		kernelFunc: ({ inputs, attrs }) => kernel(inputs as { [name: string]: TensorInfo }, attrs ?? {}),
	});
}

// How many blocks of rows to work in: the shape alone decides.
function blocksOf(rows: number, columns: number): number {
	return Math.max(1, Math.min(64, Math.floor((rows * columns) / 4096)));
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

function batchNorm({ x, gamma, beta }: { [name: string]: TensorInfo }, attrs: NamedAttrMap): TensorInfo[] {
	const columns = x!.shape.at(-1)!;
	const rows = sizeOf(x!.shape) / columns;
	const blocks = blocksOf(rows, columns);
	const [y, mean, variance] = [output(x!.shape), output([columns]), output([columns])];
	sumMiddle(address(x!), address(mean), 1, rows, columns, 1 / rows);
	const sums = host().space('parts', blocks * columns * 4);
	host().call('square_sums', [address(x!), address(mean), sums, rows, columns, blocks], blocks, rows * columns * 2);
	host().call('sum_middle', [sums, address(variance), 1, blocks, columns, 1, 1 / rows], 1, blocks * columns);
	host().reserve(2 * columns);
	const tensors = [x!, mean, variance, gamma!, beta!, y].map(address);
	host().call('normalise', [...tensors, rows, columns, attrs['epsilon'] as number, blocks], blocks, rows * columns * 2);
	return [y, mean, variance];
}

function batchNormGradient(inputs: { [name: string]: TensorInfo }, attrs: NamedAttrMap): TensorInfo[] {
	const [x, dy, mean, variance, gamma] = ['x', 'dy', 'mean', 'variance', 'gamma'].map((name) => inputs[name]!);
	const columns = x!.shape.at(-1)!;
	const rows = sizeOf(x!.shape) / columns;
	const blocks = blocksOf(rows, columns);
	const [dx, dgamma, dbeta, weighted] = [output(x!.shape), output([columns]), output([columns]), output([columns])];
	const sums = host().space('parts', 2 * blocks * columns * 4);
	const words = [address(x!), address(dy!), address(mean!), sums, rows, columns, blocks];
	host().call('normalise_grad_sums', words, blocks, rows * columns * 3);
	sumMiddleOf(sums, address(dbeta!), blocks, columns);
	sumMiddleOf(sums + blocks * columns * 4, address(weighted!), blocks, columns);
	host().reserve(3 * columns);
	const tensors = [x!, dy!, mean!, variance!, gamma!, dbeta!, weighted!, dx!].map(address);
	host().call(
		'normalise_grad',
		[...tensors, rows, columns, attrs['epsilon'] as number, blocks],
		blocks,
		rows * columns * 4,
	);
	scaleByDeviation(weighted!, variance!, dgamma!, attrs['epsilon'] as number);
	release(weighted!);
	return [dx!, dgamma!, dbeta!];
}

// dgamma = sum of dy (x - mean), over the standard deviation: the same arithmetic as normalising one row with mean 0.
function scaleByDeviation(weighted: TensorInfo, variance: TensorInfo, to: TensorInfo, epsilon: number): void {
	const columns = weighted.shape[0]!;
	const zero = output([columns]);
	host().call('binary', [address(weighted), address(weighted), address(zero), 1, columns, 0, 1, 1], 1, columns);
	const tensors = [address(weighted), address(zero), address(variance), 0, 0, address(to)];
	host().call('normalise', [...tensors, 1, columns, epsilon, 1], 1, columns);
	release(zero);
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
