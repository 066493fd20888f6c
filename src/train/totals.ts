import type * as tfc from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf.ts';
import { hasKernels } from '../engine/wasm-backend.ts';
import type { Logs } from './contracts/callback.ts';
import type { Metric } from './contracts/metric.ts';
import type { StepResult } from './contracts/model.ts';

/** JSON of totals in the middle of an epoch. */
export interface TotalsState {
	readonly count: number;
	readonly losses: Readonly<Record<string, number>>;
	readonly metrics: Readonly<Record<string, readonly number[]>>;
}

/** Loss parts of one batch, by name; `loss` is their sum. */
export type BatchLosses = { readonly loss: number; readonly parts: Readonly<Record<string, number>> };

/** Sums of losses and metrics over the examples of a split, in float64 and in the order of the batches. */
export class Totals {
	readonly #metrics: readonly Metric[];
	#count = 0;
	#losses: Record<string, number> = {};
	#sums: Float64Array[];

	constructor(metrics: readonly Metric[]) {
		this.#metrics = metrics;
		this.#sums = metrics.map(({ size }) => new Float64Array(size));
	}

	/** Examples counted so far. */
	get count(): number {
		return this.#count;
	}

	/**
	 * Every number of a batch: the parts of the loss, then the sums of the metrics. What is computed is computed at once;
	 * the tensors may be disposed before the numbers are there.
	 */
	read({ outputs, losses }: StepResult, targets: tfc.Tensor): Float32Array | Promise<Float32Array> {
		if (hasKernels()) {
			return tf.tidy(() => joined(this.#tensors(outputs, losses, targets)));
		}
		// One tensor of all, so that a distant device is asked once.
		const all = () => this.#tensors(outputs, losses, targets).map((tensor) => tf.reshape(tensor, [tensor.size]));
		// Kept: the caller may be inside a tidy that ends before the device has answered.
		const packed = tf.keep(tf.tidy(() => tf.concat1d(all() as tfc.Tensor1D[])));
		return packed.data().then((numbers) => {
			packed.dispose();
			return numbers as Float32Array;
		});
	}

	/** Adds the numbers that `read` has given of a batch of `size` examples. */
	add(names: readonly string[], packed: ArrayLike<number>, size: number): BatchLosses {
		const parts: Record<string, number> = {};
		let loss = 0;
		names.forEach((name, i) => {
			const value = packed[i]!;
			parts[name] = value;
			loss += value;
			this.#losses[name] = (this.#losses[name] ?? 0) + value * size;
		});
		let at = names.length;
		for (const sums of this.#sums) {
			for (let i = 0; i < sums.length; i += 1) {
				sums[i] = sums[i]! + packed[at]!;
				at += 1;
			}
		}
		this.#count += size;
		return { loss, parts };
	}

	/** Columns of the split: `<split>/loss`, its parts where there are several, and every metric. */
	logs(split: string): Logs {
		const logs: Logs = {};
		const parts = Object.entries(this.#losses);
		logs[`${split}/loss`] = parts.reduce((total, [, sum]) => total + sum / this.#count, 0);
		if (parts.length > 1) {
			for (const [name, sum] of parts) {
				logs[`${split}/loss/${name}`] = sum / this.#count;
			}
		}
		this.#metrics.forEach((metric, i) => {
			logs[`${split}/${metric.column}`] = metric.result(this.#sums[i]!, this.#count);
		});
		return logs;
	}

	state(): TotalsState {
		const metrics: Record<string, number[]> = {};
		this.#metrics.forEach(({ column }, i) => {
			metrics[column] = [...this.#sums[i]!];
		});
		return { count: this.#count, losses: { ...this.#losses }, metrics };
	}

	restore(state: TotalsState): void {
		this.#count = state.count;
		this.#losses = { ...state.losses };
		this.#sums = this.#metrics.map(({ column, size }) =>
			Float64Array.from(state.metrics[column] ?? new Float64Array(size)),
		);
	}

	#tensors(outputs: tfc.Tensor, losses: StepResult['losses'], targets: tfc.Tensor): tfc.Tensor[] {
		return [...Object.values(losses), ...this.#metrics.map((metric) => metric.sums(outputs, targets))];
	}
}

function joined(tensors: readonly tfc.Tensor[]): Float32Array {
	const all = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
	let at = 0;
	for (const tensor of tensors) {
		all.set(tensor.dataSync(), at);
		at += tensor.size;
	}
	return all;
}
