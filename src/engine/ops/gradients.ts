import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { mayFuseGradient } from '../fusing.ts';
import { tf } from '../tf.ts';
import { hasKernels } from '../wasm-backend.ts';
import { defineEinsumGradient } from './einsum.ts';
import { reluGradient } from './elementwise.ts';
import { defineKernel } from './kernel.ts';
import { addLookupGradients } from './lookup-gradients.ts';
import { addGradients, summedTo } from './missing-gradients.ts';

/** Replaces gradients that the stock library refuses (dilated convolution) or composes of slow pieces (relu). */
export function defineGradients(): void {
	defineKernel('ReluGrad', ({ dy, x }) => reluGradient(dy!, x!));
	replaceGradient('Relu', (dy, [x]) => ({
		x: () => (mayFuseGradient() ? runKernel('ReluGrad', { dy, x: x! }) : tf.mul(dy, tf.step(x!))),
	}));
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
	mend('Maximum', (dy, a, b) => [() => where(dy, tf.greaterEqual(a, b)), () => where(dy, tf.less(a, b))]);
	mend('Minimum', (dy, a, b) => [() => where(dy, tf.lessEqual(a, b)), () => where(dy, tf.greater(a, b))]);
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

function where(dy: Tensor, condition: Tensor): Tensor {
	return tf.mul(dy, tf.cast(condition, 'float32'));
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
