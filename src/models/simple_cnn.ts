import type * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { DataSpec } from '../train/contracts/data.ts';
import { model } from '../train/contracts/model.ts';
import { imageShape, outputUnits } from '../train/fit.ts';
import { LayersModel } from '../train/layers-model.ts';
import { activations, type NetworkBuilder } from '../train/network-builder.ts';

const parameters = z
	.object({
		filters: z.array(z.int().min(1)).min(1).default([16, 32]).describe('Filters of each convolution block.'),
		kernel_size: z.int().min(1).default(3).meta({ unit: 'pixels' }).describe('Side of every convolution.'),
		units: z.array(z.int().min(1)).default([64]).describe('Units of each dense layer before the last.'),
		activation: z.enum(activations).default('relu').describe('After every layer but the last.'),
		batch_norm: z.boolean().default(false).describe('Normalise after every convolution, before its activation.'),
		dropout: z.number().min(0).lt(1).default(0).describe('Share of values dropped before each dense layer.'),
	})
	.describe('Convolution blocks, each halved by max pooling, and a dense head.');

/** Blocks of convolution (same size), activation and 2×2 max pooling, then dense layers; outputs are logits. */
@model('simple_cnn', parameters)
export class SimpleCnn extends LayersModel {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	protected override network(spec: DataSpec, build: NetworkBuilder): tfl.SymbolicTensor {
		imageShape('simple_cnn', spec, 2 ** this.p.filters.length);
		let x = build.input;
		for (const [at, filters] of this.p.filters.entries()) {
			x = this.#block(x, filters, at + 1, build);
		}
		x = build.flatten(x);
		for (const [at, units] of this.p.units.entries()) {
			x = build.dropout(x, `dropout${at + 1}`, this.p.dropout);
			x = build.dense(x, { name: `dense${at + 1}`, units, activation: this.p.activation });
		}
		x = build.dropout(x, 'dropout_out', this.p.dropout);
		return build.dense(x, { name: 'logits', units: outputUnits(spec) });
	}

	#block(x: tfl.SymbolicTensor, filters: number, number: number, build: NetworkBuilder): tfl.SymbolicTensor {
		const { kernel_size: size, activation, batch_norm } = this.p;
		const name = `conv${number}`;
		if (!batch_norm) {
			return build.maxPool(build.conv2d(x, { name, filters, size, activation }), `pool${number}`);
		}
		const conv = build.conv2d(x, { name, filters, size, bias: false, initial: 'he_normal' });
		const normal = build.batchNorm(conv, `norm${number}`);
		return build.maxPool(build.activation(normal, `activation${number}`, activation), `pool${number}`);
	}
}
