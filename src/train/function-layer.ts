import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { layers } from '../engine/tf.ts';

type Call = (x: tfc.Tensor, training: boolean) => tfc.Tensor;

/** A layer without weights that applies `call`; `type` is what the summary shows. */
export function functionLayer(name: string, type: string, call: Call, outputShape?: number[]): tfl.layers.Layer {
	return new (functionLayerClass())({ name, type, call, outputShape });
}

interface Options {
	readonly name: string;
	readonly type: string;
	readonly call: Call;
	/** Without the batch; as the input's where left out. */
	readonly outputShape: number[] | undefined;
}

type FunctionLayerClass = new (options: Options) => tfl.layers.Layer;
let made: FunctionLayerClass | undefined;

// Made on first use: naming the base class at import would load the tensor library.
function functionLayerClass(): FunctionLayerClass {
	made ??= class FunctionLayer extends layers.layers.Layer {
		static readonly className = 'FunctionLayer';
		readonly #options: Options;

		constructor(options: Options) {
			super({ name: options.name });
			this.#options = options;
		}

		override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape | tfl.Shape[] {
			const { outputShape } = this.#options;
			return outputShape === undefined ? inputShape : [(inputShape as tfl.Shape)[0] ?? null, ...outputShape];
		}

		override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: { training?: boolean }): tfc.Tensor {
			const x = Array.isArray(inputs) ? inputs[0]! : inputs;
			return this.#options.call(x, kwargs.training === true);
		}

		override getClassName(): string {
			return this.#options.type;
		}
	} as unknown as FunctionLayerClass;
	return made;
}
