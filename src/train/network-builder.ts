import type { Tensor4D as Images, Tensor2D as Rows } from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Streams } from '../core/random.ts';
import { dropout } from '../engine/dropout.ts';
import { conv2d, type FusedActivation, linear } from '../engine/fused-ops.ts';
import { layers } from '../engine/tf.ts';
import { batchNormLayer } from './batch-norm-layer.ts';
import { functionLayer } from './function-layer.ts';
import { withPass } from './fused-layer.ts';
import { type InitialValues, initialValues } from './initial-values.ts';

/** What an activation parameter may name. */
export const activations = ['relu', 'elu', 'selu', 'tanh', 'sigmoid', 'swish', 'gelu', 'linear'] as const;
export type Activation = (typeof activations)[number];

type Node = tfl.SymbolicTensor;

interface Common {
	readonly name: string;
	readonly activation?: Activation;
	readonly bias?: boolean;
	/** Defaults to `he_normal` before a rectifier and `glorot_uniform` otherwise. */
	readonly initial?: InitialValues;
}

interface Convolution extends Common {
	readonly filters: number;
	readonly size: number;
	readonly stride?: number;
	readonly padding?: 'same' | 'valid';
}

/** Makes named layers whose initial values are drawn from the stream `init`, one draw per kernel, in order. */
export class NetworkBuilder {
	readonly input: Node;
	readonly #streams: Streams;
	readonly #current: () => Streams;

	/** `current` gives the streams of the pass in progress, for dropout. */
	constructor(shape: readonly number[], streams: Streams, current: () => Streams) {
		this.input = layers.input({ shape: [...shape], name: 'input' });
		this.#streams = streams;
		this.#current = current;
	}

	/** A seed for one weight; never 0, which the tensor library takes for "none". */
	seed(): number {
		return this.#streams.stream('init').seed() || 1;
	}

	/** Applies any other layer of `tf.layers`; give it an explicit name, and its initialisers a `seed()`. */
	apply(layer: tfl.layers.Layer, x: Node | Node[]): Node {
		return layer.apply(x) as Node;
	}

	/** `[units]` from the last axis of `x`. */
	dense(x: Node, { name, activation, bias, initial, units }: Common & { readonly units: number }): Node {
		const layer = layers.layers.dense({
			name,
			units,
			activation: activation ?? 'linear',
			useBias: bias ?? true,
			kernelInitializer: initialValues(initial ?? usual(activation), x.shape.at(-1)!, this.seed()),
		});
		const fused = isFused(activation) && x.shape.length === 2;
		return this.apply(
			fused ? withPass(layer, (rows, w, b) => linear(rows as Rows, w as Rows, b, fusedName(activation))) : layer,
			x,
		);
	}

	/** `[height, width, filters]`; padded to the same size unless `padding` says otherwise. */
	conv2d(x: Node, { name, activation, bias, initial, filters, size, stride, padding }: Convolution): Node {
		const fanIn = size * size * x.shape.at(-1)!;
		const pad = padding ?? 'same';
		const strides = stride ?? 1;
		const layer = layers.layers.conv2d({
			name,
			filters,
			kernelSize: size,
			strides,
			padding: pad,
			activation: activation ?? 'linear',
			useBias: bias ?? true,
			kernelInitializer: initialValues(initial ?? usual(activation), fanIn, this.seed()),
		});
		const options = { strides, pad, activation: fusedName(activation) };
		return this.apply(
			isFused(activation)
				? withPass(layer, (images, w, b) => conv2d(images as Images, w as Images, b, options))
				: layer,
			x,
		);
	}

	activation(x: Node, name: string, activation: Activation): Node {
		return this.apply(layers.layers.activation({ name, activation }), x);
	}

	/** Normalisation over all axes but the last; running statistics move by `1 - momentum` per training pass. */
	batchNorm(x: Node, name: string, { momentum = 0.9, epsilon = 1e-5 } = {}): Node {
		return this.apply(batchNormLayer(name, momentum, epsilon), x);
	}

	/** Draws one seed of the stream `dropout` per training pass; does nothing outside training or at rate 0. */
	dropout(x: Node, name: string, rate: number): Node {
		if (rate === 0) {
			return x;
		}
		const call = functionLayer(name, 'Dropout', (values, training) =>
			training ? dropout(values, rate, this.#current().stream('dropout').seed()) : values,
		);
		return this.apply(call, x);
	}

	/** Largest of each `size × size` window. */
	maxPool(x: Node, name: string, size = 2): Node {
		return this.apply(layers.layers.maxPooling2d({ name, poolSize: size, strides: size }), x);
	}

	/** Mean of each `size × size` window. */
	averagePool(x: Node, name: string, size = 2): Node {
		return this.apply(layers.layers.averagePooling2d({ name, poolSize: size, strides: size }), x);
	}

	/** One row per example; `x` itself where it is one already. */
	flatten(x: Node, name = 'flatten'): Node {
		return x.shape.length === 2 ? x : this.apply(layers.layers.flatten({ name }), x);
	}
}

// The engine computes these in the same pass as the layer itself.
function isFused(activation: Activation = 'linear'): boolean {
	return activation === 'linear' || activation === 'relu';
}

function fusedName(activation: Activation | undefined): FusedActivation {
	return activation === 'relu' ? 'relu' : 'linear';
}

function usual(activation: Activation | undefined): InitialValues {
	return activation !== undefined && ['relu', 'elu', 'swish', 'gelu'].includes(activation)
		? 'he_normal'
		: activation === 'selu'
			? 'lecun_normal'
			: 'glorot_uniform';
}
