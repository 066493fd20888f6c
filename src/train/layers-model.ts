import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { UsageError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { layers, tf } from '../engine/tf.ts';
import type { DataSpec } from './contracts/data.ts';
import { type ForwardContext, type LayerRow, Model, type ModelVariable } from './contracts/model.ts';
import { unseededInitialisers } from './initial-values.ts';
import { NetworkBuilder } from './network-builder.ts';

/** A model made of `tf.layers`: a subclass only says which layers, in `network`. */
export abstract class LayersModel extends Model {
	#network: tfl.LayersModel | undefined;
	#streams: Streams | undefined;

	/** From `build.input` to the outputs; every layer with an explicit name, which names its weights for good. */
	protected abstract network(spec: DataSpec, build: NetworkBuilder): tfl.SymbolicTensor;

	override build(spec: DataSpec, streams: Streams): void {
		this.dispose();
		const builder = new NetworkBuilder(spec.shape, streams, () => this.#streams ?? streams);
		let network: tfl.LayersModel | undefined;
		// The values that initialise variables are temporary tensors; variables outlive a tidy.
		tf.tidy(() => {
			network = layers.model({ inputs: builder.input, outputs: this.network(spec, builder) });
		});
		this.#network = network!;
		for (const layer of this.#network.layers) {
			check(layer);
		}
	}

	override forward(inputs: tfc.Tensor, { training, streams }: ForwardContext): tfc.Tensor {
		this.#streams = streams;
		return this.#built().apply(inputs, { training }) as tfc.Tensor;
	}

	override variables(): readonly ModelVariable[] {
		return this.#built().layers.flatMap((layer) => {
			const trainable = new Set(layer.trainableWeights);
			return layer.weights.map((weight) => ({
				name: `${layer.name}/${weight.originalName.split('/').at(-1)}`,
				variable: weight.read() as tfc.Variable,
				trainable: trainable.has(weight),
			}));
		});
	}

	override rows(): readonly LayerRow[] {
		return this.#built().layers.map((layer) => ({
			name: layer.name,
			type: layer.getClassName(),
			outputShape: (layer.outputShape as tfl.Shape).slice(1).map((size) => size ?? 0),
			parameters: count(layer.weights),
			trainable: count(layer.trainableWeights),
		}));
	}

	override dispose(): void {
		this.#network?.dispose();
		this.#network = undefined;
	}

	#built(): tfl.LayersModel {
		if (this.#network === undefined) {
			throw new Error('A model must be built before it is used.');
		}
		return this.#network;
	}
}

function check(layer: tfl.layers.Layer): void {
	const unseeded = unseededInitialisers(layer);
	if (unseeded.length > 0) {
		throw new UsageError(
			'model.unseeded',
			`The layer "${layer.name}" (${layer.getClassName()}) draws its ${unseeded.join(' and ')} without a seed, so that no ` +
				'run could be repeated: pass an initialiser with `seed: build.seed()`.',
		);
	}
	// tf.layers names what has no name by a counter of the whole process: `dense_Dense1`.
	if (layer.weights.length > 0 && layer.name.endsWith(`_${layer.getClassName()}${/\d+$/u.exec(layer.name)?.[0]}`)) {
		throw new UsageError(
			'model.unnamed_layer',
			`A layer of type ${layer.getClassName()} has no name: give it one, because checkpoints know its weights by it.`,
		);
	}
}

function count(weights: tfl.layers.Layer['weights']): number {
	return weights.reduce((sum, weight) => sum + weight.shape.reduce<number>((size, side) => size * (side ?? 1), 1), 0);
}
