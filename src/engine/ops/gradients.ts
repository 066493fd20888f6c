import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { mayFuseGradient } from '../fusing.ts';
import { tf } from '../tf.ts';
import { hasKernels } from '../wasm-backend.ts';
import { defineEinsumGradient } from './einsum.ts';
import { reluGradient } from './elementwise.ts';
import { defineKernel } from './kernel.ts';
import { addLookupGradients } from './lookup-gradients.ts';
import { addGradients, summedTo } from './missing-gradients.ts';
import { orNaN, throughRelu } from './relu-gradient.ts';

/** Replaces gradients that the stock library refuses: those of dilated convolutions. */
export function defineGradients(): void {
	defineKernel('ReluGrad', ({ dy, x }) => reluGradient(dy!, x!));
	replaceGradient('Conv2D', (dy, [x, filter], attrs) => ({
		x: () => runKernel('Conv2DBackpropInput', { dy, filter: filter! }, { ...attrs, inputShape: x!.shape }),
		filter: () => runKernel('Conv2DBackpropFilter', { x: x!, dy }, { ...attrs, filterShape: filter!.shape }),
	}));
	replaceGradient('DepthwiseConv2dNative', (dy, [x, filter], attrs) => ({
		x: () =>
			runKernel('DepthwiseConv2dNativeBackpropInput', { dy, filter: filter! }, { ...attrs, inputShape: x!.shape }),
		filter: () =>
			runKernel('DepthwiseConv2dNativeBackpropFilter', { x: x!, dy }, { ...attrs, filterShape: filter!.shape }),
	}));
}

/** Replaces gradients that the stock library lacks or has wrong on every backend. */
export function mendGradients(): void {
	addGradients();
	addLookupGradients();
	defineEinsumGradient();
	mendChoices();
	mend('Maximum', (dy, a, b) => shares(dy, tf.greaterEqual(a, b), tf.less(a, b)));
	mend('Minimum', (dy, a, b) => shares(dy, tf.lessEqual(a, b), tf.greater(a, b)));
	mend('SquaredDifference', (dy, a, b) => [
		() => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
		() => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
	]);
	mend('BatchMatMul', (dy, a, b, attrs) =>
		productGradients(dy, a, b, attrs['transposeA'] === true, attrs['transposeB'] === true),
	);
}

type Pair = [() => Tensor, () => Tensor];

// The stock gradients forget that an operand may have been repeated along an axis.
function mend(kernelName: string, parts: (dy: Tensor, a: Tensor, b: Tensor, attrs: NamedAttrMap) => Pair): void {
	const stock = tf.getGradient(kernelName);
	tf.unregisterGradient(kernelName);
	tf.registerGradient({
		...stock,
		gradFunc: (dy, [a, b], attrs) => {
			const [da, db] = parts(dy as Tensor, a!, b!, attrs);
			return { a: () => summedTo(da(), a!.shape), b: () => summedTo(db(), b!.shape) };
		},
	});
}

function productGradients(dy: Tensor, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Pair {
	return [
		() => (transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB)),
		() => (transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false)),
	];
}

// Each operand's share where its condition holds, the first one's where they are equal; NaN where neither does.
function shares(dy: Tensor, first: Tensor, second: Tensor): Pair {
	const known = tf.logicalOr(first, second);
	const share = (condition: Tensor) =>
		tf.mul(dy, tf.where(known, tf.cast(condition, 'float32'), tf.fill(known.shape, Number.NaN)));
	return [() => share(first), () => share(second)];
}

// Stock gradients that make a number of NaN, and relu's, which does not mask on every backend what is infinite.
function mendChoices(): void {
	replaceForX('Relu', (dy, [x]) => (mayFuseGradient() ? runKernel('ReluGrad', { dy, x: x! }) : throughRelu(dy, x!)));
	for (const kernelName of ['LeakyRelu', 'ClipByValue']) {
		const { gradFunc } = tf.getGradient(kernelName);
		replaceForX(kernelName, (dy, saved, attrs) => orNaN(saved[0]!, gradFunc(dy, saved, attrs)['x']!()));
	}
	replaceForX('Max', (dy, saved, attrs) => toExtremes(dy, saved, attrs['reductionIndices'] as number[]));
	replaceForX('Min', (dy, saved, attrs) => toExtremes(dy, saved, attrs['axis'] as number[]));
}

// As the stock gradient, to every value that is the largest; a NaN is.
function toExtremes(dy: Tensor, [x, y]: Tensor[], axes: number[]): Tensor {
	const shape = tf.backend_util.expandShapeToKeepDim(y!.shape, tf.util.parseAxisParam(axes, x!.shape));
	const kept = (reduced: Tensor) => (reduced.rank < x!.rank ? tf.reshape(reduced, shape) : reduced);
	const chosen = tf.logicalOr(tf.equal(x!, kept(y!)), tf.isNaN(x!));
	return tf.mul(kept(dy), tf.cast(chosen, 'float32'));
}

function replaceForX(kernelName: string, gradient: (dy: Tensor, saved: Tensor[], attrs: NamedAttrMap) => Tensor): void {
	const stock = tf.getGradient(kernelName);
	tf.unregisterGradient(kernelName);
	tf.registerGradient({
		...stock,
		gradFunc: (dy, saved, attrs) => ({ x: () => gradient(dy as Tensor, saved, attrs) }),
	});
}

type Gradient = (dy: Tensor4D, saved: Tensor[], attrs: NamedAttrMap) => { [input: string]: () => Tensor };

// Gradients are registered for all backends at once: ours serves where our kernels are, the stock one elsewhere.
function replaceGradient(kernelName: string, gradient: Gradient): void {
	const stock = tf.getGradient(kernelName);
	const stockFunction = stock.gradFunc as unknown as Gradient;
	tf.unregisterGradient(kernelName);
	tf.registerGradient({
		...stock,
		gradFunc: (dy, saved, attrs) => (hasKernels() ? gradient : stockFunction)(dy as Tensor4D, saved, attrs),
	});
}

function runKernel(name: string, inputs: { [name: string]: Tensor }, attrs: NamedAttrMap = {}): Tensor {
	return tf.engine().runKernel(name, inputs, attrs) as Tensor;
}
