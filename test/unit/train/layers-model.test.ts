import type * as tfl from '@tensorflow/tfjs-layers';
import test from 'ava';
import { layers } from '../../../src/engine/tf.ts';
import type { DataSpec } from '../../../src/train/contracts/data.ts';
import { LayersModel } from '../../../src/train/layers-model.ts';
import type { NetworkBuilder } from '../../../src/train/network-builder.ts';
import { classes, Streams } from '../../fixtures/parts.ts';

class Written extends LayersModel {
	constructor(private readonly layer: (seed: number) => tfl.layers.Layer) {
		super();
	}

	protected override network(_spec: DataSpec, build: NetworkBuilder): tfl.SymbolicTensor {
		return build.apply(this.layer(build.seed()), build.input);
	}
}

test('a layer that draws without a seed is refused', (t) => {
	const model = new Written(() => layers.layers.dense({ name: 'out', units: 2 }));
	t.throws(() => model.build(classes([3]), new Streams(1)), { message: /"out".*kernelInitializer without a seed/ });
});

test('a layer with weights but without a name is refused', (t) => {
	const model = new Written((seed) =>
		layers.layers.dense({ units: 2, kernelInitializer: layers.initializers.heNormal({ seed }) }),
	);
	t.throws(() => model.build(classes([3]), new Streams(1)), { message: /Dense has no name/ });
});

test('using a model before build is a clear error', (t) => {
	t.throws(() => new Written(() => layers.layers.flatten()).variables(), { message: /must be built/ });
});
