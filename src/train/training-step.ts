import type * as tfc from '@tensorflow/tfjs-core';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import { BatchSource } from './batch-source.ts';
import { upload } from './batches.ts';
import type { Logs } from './contracts/callback.ts';
import type { Hooks } from './hooks.ts';
import type { Loop } from './loop.ts';
import type { LoopParts } from './loop-parts.ts';
import { type Incident, isSound, type NanPolicy } from './nan-policy.ts';
import { RunningStatistics } from './running-statistics.ts';
import { backward } from './step.ts';
import type { BatchLosses, Totals } from './totals.ts';

/** What became of one step. */
export interface TakenStep {
	/** False where its numbers are not finite and the weights stay as they are. */
	readonly taken: boolean;
	/** What callbacks see of a step that was taken, else its losses by name. */
	readonly logs: Logs;
	readonly rate: number;
}

/** One optimizer step: the batch, forward and backward pass, and the update. */
export class TrainingStep {
	readonly #loop: Loop;
	readonly #parts: LoopParts;
	readonly #policy: NanPolicy;
	readonly #hooks: Hooks;
	readonly #dump: (incident: Incident) => void | Promise<void>;
	readonly #batches: BatchSource;
	// Until the weights move.
	#began: { readonly drawn: ReturnType<Streams['state']>; statistics?: RunningStatistics } | undefined;

	/** `dump` is told of a step whose numbers are not finite. */
	constructor(
		loop: Loop,
		parts: LoopParts,
		policy: NanPolicy,
		hooks: Hooks,
		dump: (incident: Incident) => void | Promise<void>,
	) {
		this.#loop = loop;
		this.#parts = parts;
		this.#policy = policy;
		this.#hooks = hooks;
		this.#dump = dump;
		this.#batches = new BatchSource(parts, loop, (text) => loop.notice(text));
	}

	/** How many examples the present batch of the loop has. */
	get size(): number {
		return this.#batches.rows(this.#loop.epoch, this.#loop.batch).length;
	}

	/** Ends what reads ahead. */
	close(): Promise<void> {
		return this.#batches.close();
	}

	/**
	 * After a failure in `take`: the tensors are as they were before it, and the random streams before it are returned;
	 * undefined where the weights have moved.
	 */
	undo(): ReturnType<Streams['state']> | undefined {
		this.#began?.statistics?.putBack();
		return this.#began?.drawn;
	}

	/** Takes the step that the loop stands at; adds its numbers to `totals` where it is taken. */
	async take(totals: Totals): Promise<TakenStep> {
		const { model, data, loss, streams, optimizer } = this.#parts;
		const drawn = streams.state();
		this.#began = { drawn };
		const batch = upload(data, await this.#batches.get(this.#loop));
		await this.#hooks.run('onBatchStart', (callback) => callback.onBatchStart(this.#loop, batch));
		const statistics = new RunningStatistics(model);
		this.#began.statistics = statistics;
		const { lossNames, ...pass } = backward(model, loss, batch, totals, streams);
		let gradients: Record<string, tfc.Tensor> = pass.gradients;
		const rate = this.#loop.learningRate();
		const numbers = await pass.numbers;
		batch.inputs.dispose();
		batch.targets.dispose();
		if (!(await isSound(numbers.subarray(0, lossNames.length), gradients, this.#policy))) {
			const losses = Object.fromEntries(lossNames.map((name, i) => [name, numbers[i]!]));
			const { step, epoch, batch: position } = this.#loop;
			statistics.putBack();
			await this.#dump({ step, epoch, batch: position, ids: batch.ids, losses, streams: drawn });
			if (this.#policy.action !== 'stop') {
				statistics.dispose();
				tf.dispose(gradients);
				return { taken: false, logs: losses, rate };
			}
		}
		gradients = this.#hooks.through('onGradients', gradients, (callback, all) => callback.onGradients(this.#loop, all));
		statistics.dispose();
		this.#began = undefined;
		optimizer.update(model.variables(), gradients, rate);
		tf.dispose(gradients);
		return { taken: true, logs: logsOf(totals.add(lossNames, numbers, batch.size), rate), rate };
	}
}

// Parts of the loss have columns of their own where there are several.
function logsOf({ loss, parts }: BatchLosses, lr: number): Logs {
	const named = Object.entries(parts);
	const logs: Logs = { loss, lr };
	if (named.length > 1) {
		for (const [name, value] of named) {
			logs[`loss/${name}`] = value;
		}
	}
	return logs;
}
