import type * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { DataSpec } from '../train/contracts/data.ts';
import { model } from '../train/contracts/model.ts';
import { outputUnits } from '../train/fit.ts';
import { LayersModel } from '../train/layers-model.ts';
import { activations, type NetworkBuilder } from '../train/network-builder.ts';

const parameters = z
	.object({
		units: z.array(z.int().min(1)).default([128, 64]).describe('Units of each hidden layer; empty is a linear model.'),
		activation: z.enum(activations).default('relu').describe('After every hidden layer.'),
		batch_norm: z.boolean().default(false).describe('Normalise every hidden layer before its activation.'),
		dropout: z.number().min(0).lt(1).default(0).describe('Share of values dropped after each hidden layer.'),
	})
	.describe('Fully connected layers over the flattened input.');

/** Dense layers over the flattened input; outputs are logits or values. */
@model('mlp', parameters)
export class Mlp extends LayersModel {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	protected override network(spec: DataSpec, build: NetworkBuilder): tfl.SymbolicTensor {
		let x = build.flatten(build.input);
		for (const [at, units] of this.p.units.entries()) {
			x = this.#hidden(x, units, at + 1, build);
			x = build.dropout(x, `dropout${at + 1}`, this.p.dropout);
		}
		return build.dense(x, { name: 'logits', units: outputUnits(spec) });
	}

	#hidden(x: tfl.SymbolicTensor, units: number, number: number, build: NetworkBuilder): tfl.SymbolicTensor {
		const { activation, batch_norm } = this.p;
		const name = `dense${number}`;
		if (!batch_norm) {
			return build.dense(x, { name, units, activation });
		}
		const sums = build.dense(x, { name, units, bias: false, initial: 'he_normal' });
		return build.activation(build.batchNorm(sums, `norm${number}`), `activation${number}`, activation);
	}
}
