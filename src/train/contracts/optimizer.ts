import type * as tfc from '@tensorflow/tfjs-core';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';
import type { ModelVariable } from './model.ts';
import type { Schedule } from './schedule.ts';

/** Turns gradients into new values of the variables. */
export abstract class Optimizer {
	/** Per step, before any factor that a callback applies; must be ≥ 0. */
	abstract readonly learningRate: number | Schedule;

	/**
	 * One step. `gradients` by variable name; variables without one stay. `rate` is the effective learning rate.
	 * Slots are created at the first step; nothing else may be allocated for good.
	 */
	abstract update(
		variables: readonly ModelVariable[],
		gradients: Readonly<Record<string, tfc.Tensor>>,
		rate: number,
	): void;

	/** Slot tensors by name, such as `m/conv1/kernel`: what a checkpoint saves beside `state()`. */
	abstract slots(): Readonly<Record<string, tfc.Tensor>>;
	/** Takes over tensors of `slots()` (the optimizer owns them from here). */
	abstract restoreSlots(slots: Readonly<Record<string, tfc.Tensor>>): void;
	/** Small numbers, such as the step count of Adam's bias correction. */
	abstract state(): Readonly<Record<string, number>>;
	abstract restoreState(state: Readonly<Record<string, number>>): void;
	abstract dispose(): void;

	/** After `restoreState`, what is computed otherwise than in a run that begins now; undefined where nothing is. */
	get kept(): string | undefined {
		return undefined;
	}
}

export const optimizerKind = defineKind<Optimizer>('optimizer', 'optimizers', 'Turns gradients into new weights.');
export const optimizer = decorator(optimizerKind);
