import type { NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { host } from '../wasm-backend.ts';
import { address, output, release, sizeOf } from './kernel.ts';
import { blocksOf, defineManyKernel } from './many.ts';

/** Batch normalisation with the batch's own statistics, and what follows it (a shortcut, a relu) in the same pass. */
export function defineBatchNorm(): void {
	defineManyKernel('BatchNormTrain', forward);
	defineManyKernel('BatchNormTrainGrad', backward);
	tf.registerGradient({
		kernelName: 'BatchNormTrain',
		inputsToSave: ['x', 'gamma', 'beta'],
		outputsToSave: [true, true, true],
		gradFunc: (dy, [x, gamma, beta, y, mean, variance], attrs) => {
			const inputs = {
				x: x!,
				dy: (dy as Tensor[])[0]!,
				gamma: gamma!,
				beta: beta!,
				y: y!,
				mean: mean!,
				variance: variance!,
			};
			const [dx, dgamma, dbeta, dz] = tf.engine().runKernel('BatchNormTrainGrad', inputs, attrs) as Tensor[];
			const shortcut = attrs['relu'] === true ? dz! : inputs.dy;
			return { x: () => dx!, gamma: () => dgamma!, beta: () => dbeta!, shortcut: () => shortcut };
		},
	});
}

function forward({ x, gamma, beta, shortcut }: { [name: string]: TensorInfo }, attrs: NamedAttrMap): TensorInfo[] {
	const { rows, columns, blocks, epsilon, relu } = plan(x!, attrs);
	const [y, mean, variance] = [output(x!.shape), output([columns]), output([columns])];
	const parts = host().space('parts', 2 * blocks * columns * 4);
	host().call('moments', [address(x!), parts, rows, columns, blocks], blocks, rows * columns * 3);
	host().call('moments_join', [parts, address(mean), address(variance), rows, columns, blocks], 1, 0);
	host().reserve(2 * columns);
	const tensors = [x!, mean, variance, gamma!, beta!, y].map(address);
	const rest = [rows, columns, epsilon, blocks, shortcut ? address(shortcut) : 0, relu];
	host().call('normalise', [...tensors, ...rest], blocks, rows * columns * 2);
	return [y, mean, variance];
}

// With a relu after a shortcut, y alone says where the gradient passes, and what passes is the shortcut's gradient too.
function backward(inputs: { [name: string]: TensorInfo }, attrs: NamedAttrMap): TensorInfo[] {
	const { x, dy, gamma, beta, y, mean, variance } = inputs as { [name in Needed]: TensorInfo };
	const { rows, columns, blocks, epsilon, relu } = plan(x, attrs);
	const masked = relu === 1 && attrs['shortcut'] === true;
	const [dx, dgamma, dbeta, weighted] = [output(x.shape), output([columns]), output([columns]), output([columns])];
	const dz = output(masked ? x.shape : [0]);
	const parts = host().space('parts', 2 * blocks * columns * 4);
	host().reserve(4 * columns);
	const [gammaAt, betaAt, varianceAt] = [address(gamma), address(beta), address(variance)];
	const mask = [relu, masked ? address(y) : 0, masked ? address(dz) : 0];
	host().call(
		'normalise_grad_sums',
		[
			address(x),
			address(dy),
			address(mean),
			parts,
			rows,
			columns,
			blocks,
			varianceAt,
			gammaAt,
			betaAt,
			epsilon,
			...mask,
		],
		blocks,
		rows * columns * 3,
	);
	const sums = [address(dbeta), address(dgamma), address(weighted)];
	host().call('normalise_grad_join', [parts, ...sums, varianceAt, columns, blocks, epsilon], 1, 0);
	const last = [x, masked ? dz : dy, mean, variance, gamma, dbeta, weighted, dx].map(address);
	const rest = [rows, columns, epsilon, blocks, masked ? 0 : relu, betaAt];
	host().call('normalise_grad', [...last, ...rest], blocks, rows * columns * 4);
	release(weighted);
	return [dx, dgamma, dbeta, dz];
}

type Needed = 'x' | 'dy' | 'gamma' | 'beta' | 'y' | 'mean' | 'variance';

function plan(x: TensorInfo, attrs: NamedAttrMap) {
	const columns = x.shape.at(-1)!;
	const rows = sizeOf(x.shape) / columns;
	const relu = attrs['relu'] === true ? 1 : 0;
	return { rows, columns, blocks: Math.min(rows, blocksOf(rows, columns)), epsilon: attrs['epsilon'] as number, relu };
}
