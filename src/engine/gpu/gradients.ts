import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../tf.ts';
import { onWebgpu } from './webgpu.ts';

/** Gradients that the stock library refuses: those of dilated convolutions. */
export function defineGradients(): void {
	replaceGradient('Conv2D', (dy, [x, filter], attrs) => ({
		x: () => run('Conv2DBackpropInput', { dy, filter: filter! }, { ...attrs, inputShape: x!.shape }),
		filter: () => run('Conv2DBackpropFilter', { x: x!, dy }, { ...attrs, filterShape: filter!.shape }),
	}));
	replaceGradient('DepthwiseConv2dNative', (dy, [x, filter], attrs) => ({
		x: () => run('DepthwiseConv2dNativeBackpropInput', { dy, filter: filter! }, { ...attrs, inputShape: x!.shape }),
		filter: () => run('DepthwiseConv2dNativeBackpropFilter', { x: x!, dy }, { ...attrs, filterShape: filter!.shape }),
	}));
}

type Gradient = (dy: Tensor, saved: Tensor[], attrs: NamedAttrMap) => { [input: string]: () => Tensor };

// Gradients are registered for all backends at once: ours serves on WebGPU, the one before it elsewhere.
function replaceGradient(kernelName: string, gradient: Gradient): void {
	const before = tf.getGradient(kernelName);
	const other = before.gradFunc as unknown as Gradient;
	tf.unregisterGradient(kernelName);
	tf.registerGradient({
		...before,
		gradFunc: (dy, saved, attrs) => (onWebgpu() ? gradient : other)(dy as Tensor, saved, attrs),
	});
}

function run(name: string, inputs: NamedTensorMap, attrs: NamedAttrMap): Tensor {
	return tf.engine().runKernel(name, inputs, attrs) as Tensor;
}
