import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { tf } from '../engine/tf.ts';

type Pass = (x: tfc.Tensor, kernel: tfc.Tensor, bias: tfc.Tensor1D | undefined) => tfc.Tensor;

/** Replaces the forward pass of a layer with weights `kernel` and, where it has one, `bias`. */
export function withPass(layer: tfl.layers.Layer, pass: Pass): tfl.layers.Layer {
	layer.call = (inputs) => {
		const x = Array.isArray(inputs) ? inputs[0]! : inputs;
		const [kernel, bias] = layer.weights;
		return tf.tidy(() => pass(x, kernel!.read(), bias?.read() as tfc.Tensor1D | undefined));
	};
	return layer;
}
