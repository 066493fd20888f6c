import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { differentiateOnce, mayFuse } from './fusing.ts';
import { defineFusedGradients } from './ops/fused.ts';
import { areFloat } from './ops/kernel.ts';
import { tf } from './tf.ts';
import { hasKernels } from './wasm-backend.ts';

/** What follows the bias, in the same pass over memory. */
export type FusedActivation = 'linear' | 'relu';

export interface Conv2dOptions {
	/** Pixels from one output to the next, [rows, columns] or both. */
	readonly strides?: number | [number, number];
	/** `same`, `valid`, or pixels of zeros: [[0, 0], [top, bottom], [left, right], [0, 0]]. */
	readonly pad?: 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
	/** Pixels from one tap to the next. */
	readonly dilations?: number | [number, number];
	readonly activation?: FusedActivation;
}

let gradientsDefined = false;

/**
 * A convolution with its bias and activation in one pass, differentiable; NHWC.
 *
 * @param x images [batch, height, width, channels].
 * @param filter [filter height, filter width, channels, outputs].
 * @param bias [outputs].
 * @returns [batch, output height, output width, outputs].
 */
export function conv2d(x: Tensor4D, filter: Tensor4D, bias?: Tensor1D, options: Conv2dOptions = {}): Tensor4D {
	defineGradientsOnce();
	const { strides = 1, pad = 'valid', dilations = 1, activation = 'linear' } = options;
	const pair = (value: number | [number, number]) => (typeof value === 'number' ? [value, value] : value);
	const biased = bias !== undefined;
	const attrs = { strides: pair(strides), pad, dataFormat: 'NHWC', dilations: pair(dilations), activation, biased };
	return runKernel('FusedConv2D', { x, filter, ...(bias && { bias }) }, attrs) as Tensor4D;
}

/**
 * A dense layer with its bias and activation in one pass, differentiable.
 *
 * @param x [rows, inputs].
 * @param kernel [inputs, outputs].
 * @param bias [outputs].
 * @returns [rows, outputs].
 */
export function linear(
	x: Tensor2D,
	kernel: Tensor2D,
	bias?: Tensor1D,
	activation: FusedActivation = 'linear',
): Tensor2D {
	defineGradientsOnce();
	const attrs = { transposeA: false, transposeB: false, activation, biased: bias !== undefined };
	const fits = x.shape[1] === kernel.shape[0] && (bias === undefined || bias.size === kernel.shape[1]);
	if (hasKernels() && fits && areFloat(x, kernel, bias)) {
		return runKernel('_FusedMatMul', { a: x, b: kernel, ...(bias && { bias }) }, attrs) as Tensor2D;
	}
	// The stock kernels want a batch of matrices.
	const [a, b] = [tf.reshape(x, [1, ...x.shape]), tf.reshape(kernel, [1, ...kernel.shape])];
	const out = runKernel('_FusedMatMul', { a, b, ...(bias && { bias }) }, attrs) as Tensor;
	return tf.reshape(out, [x.shape[0], kernel.shape[1]]);
}

/** A normalised batch, and the statistics it was normalised with, for running averages. */
export interface BatchNormResult<T extends Tensor> {
	readonly y: T;
	/** [channels]; not differentiable. */
	readonly mean: Tensor1D;
	/** [channels], divided by the count and not the count less one; not differentiable. */
	readonly variance: Tensor1D;
}

/** What a batch norm does besides normalising. */
export interface BatchNormOptions<T extends Tensor> {
	/** After all else, in the same pass. */
	readonly activation?: FusedActivation;
	/** Of x's shape; added before the activation, as in a residual block. */
	readonly shortcut?: T;
}

/**
 * Normalises each channel of a batch by the batch's own mean and variance, differentiable in x, gamma, beta and shortcut.
 * Ioffe and Szegedy, Batch Normalization, 2015.
 *
 * @param x [..., channels]; @param gamma scale [channels]; @param beta offset [channels].
 * @param epsilon added to the variance.
 */
export function batchNorm<T extends Tensor>(
	x: T,
	gamma: Tensor1D,
	beta: Tensor1D,
	epsilon = 1e-3,
	{ activation = 'linear', shortcut }: BatchNormOptions<T> = {},
): BatchNormResult<T> {
	if (shortcut !== undefined && shortcut.shape.join() !== x.shape.join()) {
		throw new TypeError(`batchNorm: x [${x.shape}] but a shortcut of shape [${shortcut.shape}]`);
	}
	if (mayFuse()) {
		const inputs = { x, gamma, beta, ...(shortcut && { shortcut }) };
		const attrs = { epsilon, relu: activation === 'relu', shortcut: shortcut !== undefined };
		const [y, mean, variance] = runKernel('BatchNormTrain', inputs, attrs) as Tensor[];
		return { y: y as T, mean: mean as Tensor1D, variance: variance as Tensor1D };
	}
	const axes = x.shape.slice(0, -1).map((_, axis) => axis);
	const mean = tf.mean(x, axes);
	const centred = tf.sub(x, mean);
	const variance = tf.mean(tf.square(centred), axes);
	const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
	const normal = tf.add(tf.mul(centred, scale), beta);
	const sum = shortcut === undefined ? normal : tf.add(normal, shortcut);
	const y = activation === 'relu' ? tf.relu(sum) : sum;
	return { y: y as T, mean: mean as Tensor1D, variance: variance as Tensor1D };
}

/**
 * Softmax cross entropy with integer labels, row by row and in nats, differentiable in the logits.
 *
 * @param logits [rows, classes].
 * @param labels int32 [rows]; a label outside 0..classes-1 leaves its row out, with loss 0.
 * @param smoothing the share of the target spread evenly over all classes, 0 to 1.
 * @returns [rows].
 * @throws TypeError within a gradient that is itself differentiated.
 */
export function softmaxCrossEntropy(logits: Tensor2D, labels: Tensor1D, smoothing = 0): Tensor1D {
	differentiateOnce('softmaxCrossEntropy');
	if (hasKernels()) {
		const ids = labels.dtype === 'int32' ? labels : tf.cast(labels, 'int32');
		const out = tf.engine().runKernel('SparseCrossEntropy', { logits, labels: ids }, { smoothing }) as Tensor[];
		return out[0] as Tensor1D;
	}
	const classes = logits.shape[1];
	const known = tf.logicalAnd(tf.greaterEqual(labels, 0), tf.less(labels, classes));
	const ids = tf.range(0, classes, 1, 'int32');
	const hot = tf.cast(tf.equal(tf.expandDims(labels, 1), ids), 'float32');
	const target = tf.add(tf.mul(hot, 1 - smoothing), smoothing / classes);
	const rows = tf.where(tf.expandDims(known, 1), logits, tf.zerosLike(logits));
	const shares = tf.mul(target, tf.logSoftmax(rows));
	// A logit of minus infinity has no share in the loss of another label, and 0 times infinity would be NaN.
	const own = smoothing > 0 ? shares : tf.where(tf.greater(hot, 0), shares, tf.zerosLike(shares));
	const losses = tf.neg(tf.sum(own, -1));
	return tf.where(known, losses, tf.zerosLike(losses)) as Tensor1D;
}

/**
 * Binary cross entropy of independent logits, summed over each row and in nats, differentiable in the logits only.
 *
 * @param logits [rows, columns].
 * @param targets [rows, columns], each from 0 to 1.
 * @returns [rows].
 * @throws TypeError within a gradient that is itself differentiated.
 */
export function sigmoidCrossEntropy(logits: Tensor2D, targets: Tensor2D): Tensor1D {
	if (logits.shape.join() !== targets.shape.join()) {
		throw new TypeError(`sigmoidCrossEntropy: logits [${logits.shape}] but targets [${targets.shape}]`);
	}
	differentiateOnce('sigmoidCrossEntropy');
	if (hasKernels()) {
		const out = tf.engine().runKernel('BinaryCrossEntropy', { logits, targets }) as Tensor[];
		return out[0] as Tensor1D;
	}
	const softplus = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
	return tf.sum(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, targets)), softplus), 1) as Tensor1D;
}

function defineGradientsOnce(): void {
	if (!gradientsDefined) {
		gradientsDefined = true;
		defineFusedGradients();
	}
}

function runKernel(name: string, inputs: { [name: string]: Tensor }, attrs: object): Tensor | Tensor[] {
	return tf.engine().runKernel(name, inputs, attrs as never);
}
