import type * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { DataSpec } from '../train/contracts/data.ts';
import { model } from '../train/contracts/model.ts';
import { imageShape, outputUnits } from '../train/fit.ts';
import { LayersModel } from '../train/layers-model.ts';
import { activations, type NetworkBuilder } from '../train/network-builder.ts';

const parameters = z
	.object({
		activation: z.enum(activations).default('relu').describe('After every layer but the last; the paper used tanh.'),
		pooling: z.enum(['max', 'average']).default('max').describe('How 2×2 windows shrink; the paper averaged.'),
		padding: z
			.enum(['valid', 'same'])
			.default('valid')
			.describe('Of the first convolution; "same" gives 28×28 images the layout that the paper has for 32×32.'),
	})
	.describe('LeNet-5: two 5×5 convolutions with pooling, then dense layers of 120 and 84.');

/** LeNet-5 (LeCun et al. 1998) with full connections between the convolutions; 62,006 weights for 32×32×3, 10 classes. */
@model('lenet', parameters)
export class LeNet extends LayersModel {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	protected override network(spec: DataSpec, build: NetworkBuilder): tfl.SymbolicTensor {
		const { activation, padding } = this.p;
		imageShape('lenet', spec, padding === 'valid' ? 16 : 12);
		let x = build.conv2d(build.input, { name: 'conv1', filters: 6, size: 5, padding, activation });
		x = this.#pool(x, 'pool1', build);
		x = build.conv2d(x, { name: 'conv2', filters: 16, size: 5, padding: 'valid', activation });
		x = build.flatten(this.#pool(x, 'pool2', build));
		x = build.dense(x, { name: 'dense1', units: 120, activation });
		x = build.dense(x, { name: 'dense2', units: 84, activation });
		return build.dense(x, { name: 'logits', units: outputUnits(spec) });
	}

	#pool(x: tfl.SymbolicTensor, name: string, build: NetworkBuilder): tfl.SymbolicTensor {
		return this.p.pooling === 'max' ? build.maxPool(x, name) : build.averagePool(x, name);
	}
}
