import type * as tfc from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { RefusedError } from '../core/errors.ts';
import { tf } from '../engine/tf.ts';
import type { EndReason } from '../train/contracts/callback.ts';
import { Callback, type CallbackState, callback } from '../train/contracts/callback.ts';
import type { Model } from '../train/contracts/model.ts';
import type { Training } from '../train/contracts/training.ts';
import { knownVersion, savedNumber } from '../train/saved-state.ts';

const parameters = z
	.object({
		decay: z.number().min(0).lt(1).default(0.999).describe('Share of the average kept per step.'),
		warmup: z
			.boolean()
			.default(true)
			.describe('Average faster at first: the decay of step n is at most (1 + n) / (10 + n).'),
	})
	.describe('Evaluates an exponential moving average of the weights.');

type Tensors = Record<string, tfc.Tensor>;

/**
 * `average ← decay · average + (1 − decay) · weight` after every step, for all variables, running statistics included.
 *
 * Training goes on with the weights themselves; validation and testing see the average. A checkpoint holds the weights
 * as the model's and the averages beside them (`tensors()`, under the variables' names), so that resuming is exact; to
 * evaluate a checkpoint as training did, restore both and call `onEvaluateStart`.
 */
@callback('weight_average', parameters)
export class WeightAverage extends Callback {
	#steps = 0;
	#averages: Tensors = {};
	// The weights of training while the model carries the averages.
	#aside: Tensors | undefined;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override owns(): readonly string[] {
		return ['the weights of evaluation'];
	}

	override onRunStart({ model }: Training): void {
		if (Object.keys(this.#averages).length === 0) {
			this.#averages = copies(model);
		}
		checkNames(model, this.#averages);
	}

	override onBatchEnd({ model }: Training): void {
		this.#steps += 1;
		const { decay, warmup } = this.p;
		const kept = warmup ? Math.min(decay, (1 + this.#steps) / (10 + this.#steps)) : decay;
		for (const { name, variable } of model.variables()) {
			const old = this.#averages[name]!;
			this.#averages[name] = tf.tidy(() => tf.add(tf.mul(old, kept), tf.mul(variable, 1 - kept)));
			old.dispose();
		}
	}

	override onEvaluateStart({ model }: Training): void {
		this.#aside ??= copies(model);
		assign(model, this.#averages);
	}

	override onEvaluateEnd({ model }: Training): void {
		if (this.#aside !== undefined) {
			assign(model, this.#aside);
			tf.dispose(this.#aside);
			this.#aside = undefined;
		}
	}

	override onRunEnd(training: Training, _reason: EndReason): void {
		this.onEvaluateEnd(training);
		tf.dispose(this.#averages);
		this.#averages = {};
	}

	override state(): CallbackState {
		return { steps: this.#steps };
	}

	override restore(state: CallbackState, version: number): void {
		knownVersion('weight_average', version, this.version);
		this.#steps = savedNumber('weight_average', state, 'steps');
	}

	override tensors(): Readonly<Tensors> {
		return { ...this.#averages };
	}

	/** Takes the tensors over. */
	override restoreTensors(tensors: Readonly<Tensors>): void {
		tf.dispose(this.#averages);
		this.#averages = { ...tensors };
	}
}

function copies(model: Model): Tensors {
	return Object.fromEntries(model.variables().map(({ name, variable }) => [name, tf.keep(variable.clone())]));
}

function assign(model: Model, values: Readonly<Tensors>): void {
	for (const { name, variable } of model.variables()) {
		variable.assign(values[name]!);
	}
}

function checkNames(model: Model, averages: Readonly<Tensors>): void {
	const absent = model.variables().find(({ name }) => averages[name] === undefined);
	if (absent !== undefined) {
		throw new RefusedError(
			'checkpoint.callback_state',
			`The checkpoint's state of weight_average lacks the variable "${absent.name}".`,
		);
	}
}
