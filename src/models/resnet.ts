import type * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { layers, tf } from '../engine/tf.ts';
import type { DataSpec } from '../train/contracts/data.ts';
import { model } from '../train/contracts/model.ts';
import { imageShape, outputUnits } from '../train/fit.ts';
import { functionLayer } from '../train/function-layer.ts';
import { LayersModel } from '../train/layers-model.ts';
import type { NetworkBuilder } from '../train/network-builder.ts';

const parameters = z
	.object({
		depth: z
			.int()
			.min(8)
			.refine((depth) => (depth - 2) % 6 === 0, 'must be 6n + 2: 8, 14, 20, 32, 44, 56, 110 …')
			.default(20)
			.describe('Layers with weights, 6n + 2: three stages of n blocks of two convolutions.'),
		width: z.int().min(1).default(16).describe('Filters of the first stage; the next two have twice and four times.'),
		shortcut: z
			.enum(['pad', 'project'])
			.default('pad')
			.describe('Where the size changes: "pad" adds zero channels (option A), "project" a 1×1 convolution (option B).'),
		bn_momentum: z.number().min(0).lt(1).default(0.9).describe('Share of the running statistics kept per step.'),
		bn_epsilon: z.number().positive().default(1e-5).describe('Added to the variance of a batch.'),
	})
	.describe('The residual networks for small images: ResNet-20 and its family, with batch norm.');

type Node = tfl.SymbolicTensor;

/**
 * The CIFAR family of He et al. 2015 (section 4.2): conv, BN and relu twice per block, identity shortcuts, global
 * average pooling. ResNet-20 with 10 classes and 3 channels has 269,722 trainable weights, 272,474 with projections.
 */
@model('resnet', parameters)
export class ResNet extends LayersModel {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	protected override network(spec: DataSpec, build: NetworkBuilder): Node {
		imageShape('resnet', spec, 4);
		const blocks = (this.p.depth - 2) / 6;
		let x = this.#conv(build.input, 'stem', this.p.width, 1, build);
		x = build.activation(x, 'stem_relu', 'relu');
		for (const stage of [1, 2, 3]) {
			for (let number = 1; number <= blocks; number++) {
				const stride = stage > 1 && number === 1 ? 2 : 1;
				x = this.#block(x, `stage${stage}_block${number}`, this.p.width * 2 ** (stage - 1), stride, build);
			}
		}
		x = build.apply(layers.layers.globalAveragePooling2d({ name: 'pool', dataFormat: 'channelsLast' }), x);
		return build.dense(x, { name: 'logits', units: outputUnits(spec), initial: 'he_normal' });
	}

	#block(x: Node, name: string, filters: number, stride: number, build: NetworkBuilder): Node {
		let y = this.#conv(x, `${name}_conv1`, filters, stride, build);
		y = build.activation(y, `${name}_relu1`, 'relu');
		y = this.#conv(y, `${name}_conv2`, filters, 1, build);
		const shortcut = stride === 1 ? x : this.#shortcut(x, `${name}_shortcut`, filters, build);
		const sum = build.apply(layers.layers.add({ name: `${name}_add` }), [y, shortcut]);
		return build.activation(sum, `${name}_relu2`, 'relu');
	}

	#shortcut(x: Node, name: string, filters: number, build: NetworkBuilder): Node {
		if (this.p.shortcut === 'project') {
			return this.#conv(x, name, filters, 2, build, 1);
		}
		const [, height, width, channels] = x.shape as [null, number, number, number];
		const shape = [Math.ceil(height / 2), Math.ceil(width / 2), filters];
		const more = filters - channels;
		// Every second pixel (a 1×1 window), then as many zero channels before as after.
		const call = functionLayer(
			name,
			'PadShortcut',
			(values) =>
				tf.pad(tf.avgPool(values as Parameters<typeof tf.avgPool>[0], 1, 2, 'same'), [
					[0, 0],
					[0, 0],
					[0, 0],
					[Math.floor(more / 2), Math.ceil(more / 2)],
				]),
			shape,
		);
		return build.apply(call, x);
	}

	#conv(x: Node, name: string, filters: number, stride: number, build: NetworkBuilder, size = 3): Node {
		const conv = build.conv2d(x, { name, filters, size, stride, bias: false, initial: 'he_normal' });
		return build.batchNorm(conv, `${name}_norm`, { momentum: this.p.bn_momentum, epsilon: this.p.bn_epsilon });
	}
}
