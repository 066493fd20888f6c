import type { NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { hasKernels } from '../wasm-backend.ts';
import { reluGradient } from './elementwise.ts';
import { defineKernel } from './kernel.ts';

/** Replaces gradients that the stock library refuses (dilated convolution) or composes of slow pieces (relu). */
export function defineGradients(): void {
	defineKernel('ReluGrad', ({ dy, x }) => reluGradient(dy!, x!));
	replaceGradient('Relu', (dy, [x]) => ({ x: () => runKernel('ReluGrad', { dy, x: x! }) }));
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
