import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine/tf.ts';
import { Callback, type CallbackState, callback, type Logs } from '../train/contracts/callback.ts';
import type { Training } from '../train/contracts/training.ts';
import { knownVersion, savedNumber } from '../train/saved-state.ts';

const parameters = z
	.object({
		limit: z.number().positive().default(1).describe('Largest norm or absolute value.'),
		by: z
			.enum(['global_norm', 'norm', 'value'])
			.default('global_norm')
			.describe('"global_norm" of all gradients together, "norm" of each variable, or every single "value".'),
		log: z
			.boolean()
			.default(false)
			.describe('Columns gradient_norm/mean and gradient_norm/max: the global norm before clipping, per epoch.'),
	})
	.meta({
		columns: [
			{ name: 'gradient_norm/mean', when: 'log' },
			{ name: 'gradient_norm/max', when: 'log' },
		],
	})
	.describe('Limits the size of gradients.');

type Gradients = Record<string, tfc.Tensor>;

/** By norm: gradients are multiplied by `min(1, limit / norm)` (Pascanu et al. 2013); by value: each is cut at ±limit. */
@callback('gradient_clip', parameters)
export class GradientClip extends Callback {
	// Of the epoch in progress.
	#sum = 0;
	#max = 0;
	#count = 0;
	// Of the batch in progress, still on the device.
	#norm: tfc.Tensor | undefined;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override columns(): Record<string, null> {
		return this.p.log ? { 'gradient_norm/mean': null, 'gradient_norm/max': null } : {};
	}

	override onGradients(_training: Training, gradients: Gradients): Gradients {
		if (this.p.log) {
			this.#norm = tf.tidy(() => norm(Object.values(gradients)));
		}
		const clipped = tf.tidy(() => this.#clip(gradients));
		tf.dispose(gradients);
		return clipped;
	}

	override onBatchEnd(): void | Promise<void> {
		if (this.#norm !== undefined) {
			const taken = this.#norm;
			this.#norm = undefined;
			return taken.data().then(([value]) => {
				taken.dispose();
				this.#record(value!);
			});
		}
	}

	override onEpochEnd(_training: Training, logs: Logs): void {
		if (this.p.log && this.#count > 0) {
			logs['gradient_norm/mean'] = this.#sum / this.#count;
			logs['gradient_norm/max'] = this.#max;
			[this.#sum, this.#max, this.#count] = [0, 0, 0];
		}
	}

	override state(): CallbackState {
		return { sum: String(this.#sum), max: String(this.#max), count: this.#count };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion('gradient_clip', version, this.version);
		// As text, because a norm may be infinite or NaN, which JSON has no number for.
		this.#sum = Number(state['sum']);
		this.#max = Number(state['max']);
		this.#count = savedNumber('gradient_clip', state, 'count');
	}

	#record(value: number): void {
		this.#sum += value;
		this.#max = Math.max(this.#max, value);
		this.#count += 1;
	}

	#clip(gradients: Gradients): Gradients {
		const { by, limit } = this.p;
		if (by === 'value') {
			return map(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
		}
		const all = by === 'global_norm' ? scale(Object.values(gradients), limit) : undefined;
		return map(gradients, (gradient) => tf.mul(gradient, all ?? scale([gradient], limit)));
	}
}

function norm(tensors: readonly tfc.Tensor[]): tfc.Scalar {
	return tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))) as tfc.Scalar;
}

// limit / max(norm, limit) is 1, exactly, up to the limit, and finite at norm 0.
function scale(tensors: readonly tfc.Tensor[], limit: number): tfc.Tensor {
	return tf.div(limit, tf.maximum(norm(tensors), limit));
}

function map(gradients: Gradients, change: (gradient: tfc.Tensor) => tfc.Tensor): Gradients {
	return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, change(gradient)]));
}
