import type * as tfc from '@tensorflow/tfjs-core';
import { RefusedError, UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { updateTogether } from '../engine/fused-optimizers.ts';
import { tf } from '../engine/tf.ts';
import { hasKernels } from '../engine/wasm-backend.ts';
import { arithmetic, savedArithmetic } from './arithmetic.ts';
import type { ModelVariable } from './contracts/model.ts';
import { Optimizer } from './contracts/optimizer.ts';

/** The slots of one variable, by name. */
export type Slots = Readonly<Record<string, tfc.Variable>>;

/** One variable's step as a rule sees it. */
export interface Step {
	readonly variable: tfc.Variable;
	readonly gradient: tfc.Tensor;
	/** Those of `slotNames`, zeros at the first step. */
	readonly slots: Slots;
	readonly rate: number;
	/** 1 at the first step. */
	readonly step: number;
	/** True where weight decay applies to this variable. */
	readonly decays: boolean;
	/** See `arithmetic.ts`. */
	readonly arithmetic: number;
}

/** An optimizer that treats each variable alone, by one rule over the variable, its gradient and its slots. */
export abstract class SlotOptimizer extends Optimizer {
	#step = 0;
	#arithmetic = arithmetic;
	readonly #slots = new Map<string, tfc.Variable>();

	/** Names of the tensors kept per variable, such as `m` and `v`; each has the variable's shape and starts at 0. */
	protected abstract readonly slotNames: readonly string[];
	/** Whether weight decay applies to biases and norms (rank below 2) as well. */
	protected abstract readonly decayAll: boolean;

	/** The decays of the rule's running means, of which it takes 1 - decay. */
	protected readonly decayNames: readonly string[] = [];

	/** Assigns new values to the variable and its slots; the variable never changes in place. Runs inside a tidy,
	 * and the engine may do the updates of all variables together after the last rule. */
	protected abstract rule(step: Step): void;

	override update(
		variables: readonly ModelVariable[],
		gradients: Readonly<Record<string, tfc.Tensor>>,
		rate: number,
	): void {
		checkNames(variables, gradients);
		this.#step++;
		const all = () => {
			for (const { name, variable, trainable } of variables) {
				const gradient = gradients[name];
				if (gradient !== undefined && trainable) {
					this.#updateOne(name, variable, gradient, rate);
				}
			}
		};
		// One tidy around all: what a rule makes for an update must live until the updates are done.
		tf.tidy(() => updateTogether(all));
	}

	override slots(): Readonly<Record<string, tfc.Tensor>> {
		return Object.fromEntries(this.#slots);
	}

	override restoreSlots(slots: Readonly<Record<string, tfc.Tensor>>): void {
		for (const name of Object.keys(slots)) {
			const slot = name.slice(0, name.indexOf('/'));
			if (!this.slotNames.includes(slot)) {
				throw new UsageError(
					'optimizer.slot',
					`The slot "${name}" is not one of this optimizer; it keeps ${this.slotNames.join(', ') || 'none'}.`,
				);
			}
		}
		this.#disposeSlots();
		for (const [name, tensor] of Object.entries(slots)) {
			this.#slots.set(name, owned(tensor));
		}
	}

	override state(): Readonly<Record<string, number>> {
		return { step: this.#step, arithmetic: this.#arithmetic };
	}

	override restoreState(state: Readonly<Record<string, number>>): void {
		const { step } = state;
		if (step === undefined || !Number.isInteger(step) || step < 0) {
			throw new RefusedError(
				'checkpoint.optimizer_state',
				`The optimizer's saved step count is ${step}; it must be an integer ≥ 0.`,
			);
		}
		this.#step = step;
		this.#arithmetic = savedArithmetic(state);
	}

	override get kept(): string | undefined {
		if (this.#arithmetic > 1 || this.decayNames.length === 0 || !hasKernels()) {
			return undefined;
		}
		const rests = this.decayNames.map((name) => `1 - ${name}`);
		const stay = rests.length === 1 ? 'stays' : 'stay';
		return `The optimizer's ${rests.join(' and ')} ${stay} in single precision, as this run began; new ones have double.`;
	}

	override dispose(): void {
		this.#disposeSlots();
		this.#step = 0;
		this.#arithmetic = arithmetic;
	}

	#updateOne(name: string, variable: tfc.Variable, gradient: tfc.Tensor, rate: number): void {
		const slots = this.#slotsOf(name, variable);
		const decays = this.decayAll || variable.rank > 1;
		this.rule({ variable, gradient, slots, rate, step: this.#step, decays, arithmetic: this.#arithmetic });
	}

	#slotsOf(name: string, variable: tfc.Tensor): Slots {
		return Object.fromEntries(this.slotNames.map((slot) => [slot, this.#slot(`${slot}/${name}`, variable)]));
	}

	#slot(key: string, like: tfc.Tensor): tfc.Variable {
		let slot = this.#slots.get(key);
		if (slot === undefined) {
			slot = owned(tf.zerosLike(like));
			this.#slots.set(key, slot);
		}
		return slot;
	}

	#disposeSlots(): void {
		for (const tensor of this.#slots.values()) {
			tensor.dispose();
		}
		this.#slots.clear();
	}
}

// A variable with the value of `tensor`, which is used up.
function owned(tensor: tfc.Tensor): tfc.Variable {
	const variable = tf.variable(tensor, false);
	tensor.dispose();
	return variable;
}

function checkNames(variables: readonly ModelVariable[], gradients: Readonly<Record<string, tfc.Tensor>>): void {
	const names = variables.map(({ name }) => name);
	const unknown = Object.keys(gradients).find((name) => !names.includes(name));
	if (unknown !== undefined) {
		throw new UsageError(
			'optimizer.gradient',
			`There is a gradient for "${unknown}", which is no variable of the model.${didYouMean(unknown, names)}`,
		);
	}
}
