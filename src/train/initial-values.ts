import type * as tfl from '@tensorflow/tfjs-layers';
import { layers } from '../engine/tf.ts';

type Initializer = ReturnType<typeof layers.initializers.zeros>;

/** How a kernel starts; each is a seeded draw scaled by the number of inputs (and outputs) of one unit. */
export type InitialValues = 'glorot_uniform' | 'he_normal' | 'lecun_normal';

/**
 * The initialiser of a kernel with `fanIn` inputs per unit.
 *
 * `he_normal`: normal with variance 2 / fanIn (He et al. 2015, for rectifiers); `lecun_normal`: 1 / fanIn;
 * `glorot_uniform`: uniform with variance 2 / (fanIn + fanOut) (Glorot & Bengio 2010).
 */
export function initialValues(kind: InitialValues, fanIn: number, seed: number): Initializer {
	switch (kind) {
		case 'glorot_uniform':
			return layers.initializers.glorotUniform({ seed });
		case 'he_normal':
			return layers.initializers.randomNormal({ mean: 0, stddev: Math.sqrt(2 / fanIn), seed });
		case 'lecun_normal':
			return layers.initializers.randomNormal({ mean: 0, stddev: Math.sqrt(1 / fanIn), seed });
	}
}

/** Names of initialisers in a layer that would draw without a seed, and so differ from run to run. */
export function unseededInitialisers(layer: tfl.layers.Layer): string[] {
	return Object.entries(layer)
		.filter(([name, value]) => /initializer$/iu.test(name) && drawsUnseeded(value))
		.map(([name]) => name);
}

// Every drawing initialiser of tf.layers has the field `seed`; zeros, ones, constant and identity have none.
function drawsUnseeded(value: unknown): boolean {
	return typeof value === 'object' && value !== null && 'seed' in value && !(value as { seed: unknown }).seed;
}
