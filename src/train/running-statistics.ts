import type * as tfc from '@tensorflow/tfjs-core';
import type { Model } from './contracts/model.ts';

/**
 * What a forward pass in training moves besides the weights (the means and variances of batch normalisation), as it is
 * now: a step that is not taken must leave it as it was.
 */
export class RunningStatistics {
	readonly #before: ReadonlyArray<{ readonly variable: tfc.Variable; readonly value: tfc.Tensor }>;

	constructor(model: Model) {
		this.#before = model
			.variables()
			.filter(({ trainable }) => !trainable)
			.map(({ variable }) => ({ variable, value: variable.clone() }));
	}

	putBack(): void {
		for (const { variable, value } of this.#before) {
			variable.assign(value);
		}
	}

	dispose(): void {
		for (const { value } of this.#before) {
			value.dispose();
		}
	}
}
