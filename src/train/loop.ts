import type * as tfc from '@tensorflow/tfjs-core';
import { DivergedError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import { assemble, batchCount, epochOrder, storedOrder, upload } from './batches.ts';
import type { EndReason, Logs } from './contracts/callback.ts';
import type { Data } from './contracts/data.ts';
import type { Loss } from './contracts/loss.ts';
import type { Direction, Metric } from './contracts/metric.ts';
import type { Model } from './contracts/model.ts';
import type { Optimizer } from './contracts/optimizer.ts';
import { type Clock, valueAt } from './contracts/schedule.ts';
import type { ProgressConsole, RunPlace, Training } from './contracts/training.ts';
import { evaluate } from './evaluation.ts';
import { Hooks, type KeyedCallback } from './hooks.ts';
import { type Incident, isSound, mostSkipped, type NanPolicy, RollbackError } from './nan-policy.ts';
import { backward } from './step.ts';
import { Totals, type TotalsState } from './totals.ts';
import { Turns } from './turns.ts';

/** What is trained, with what. */
export interface LoopParts {
	readonly model: Model;
	readonly data: Data;
	readonly loss: Loss;
	readonly optimizer: Optimizer;
	readonly metrics: readonly Metric[];
	readonly callbacks: readonly KeyedCallback[];
	readonly streams: Streams;
	/** Whether every epoch has an order of its own. */
	readonly shuffle: boolean;
	readonly batchSize: number;
	readonly evaluationBatchSize: number;
}

/** When to end. */
export interface LoopLimits {
	readonly nEpochs: number;
	/** Optimizer steps of the whole run. */
	readonly maxSteps: number | undefined;
	/** Seconds of training of the whole run. */
	readonly trainFor: number | undefined;
	/** Batches of each epoch; undefined for all. */
	readonly trainBatches: number | undefined;
	readonly onNan: NanPolicy;
	readonly evaluationBatches: number | undefined;
}

/** What the loop needs of its surroundings. */
export interface LoopPlace {
	readonly run: RunPlace | undefined;
	readonly console: ProgressConsole;
	notice(text: string): void;
	/** Saves the loop as it stands under all `names`; called between batches only. */
	save(names: readonly string[], loop: Loop): Promise<void>;
	/** Keeps what is needed to repeat a step whose loss or gradients are not finite. */
	dump?(incident: Incident): void;
	/** Set by a signal handler: the loop saves `last` after the batch in progress and ends. */
	readonly interruption: { requested(step: number): boolean; afterStep?(step: number): void };
}

/** Progress through the data: what a checkpoint keeps of the loop itself. */
export interface LoopState {
	readonly epoch: number;
	/** Batches of this epoch done. */
	readonly batch: number;
	readonly step: number;
	readonly examples: number;
	readonly seconds: number;
	/** Seconds of the epoch in progress. */
	readonly epochSeconds: number;
	readonly historyLength: number;
	/** The last row of the history, in case no callback has written the others. */
	readonly lastRow: Readonly<Logs> | null;
	/** Steps left out after going back before them. */
	readonly avoided: readonly number[];
	/** Steps in a row, up to now, that were not taken because of numbers that are not finite. */
	readonly skipped: number;
	/** Learning rate of the last step. */
	readonly rate: number;
	readonly totals: TotalsState;
	readonly rateFactors: Readonly<Record<string, number>>;
	/** Why a callback ended training, when one did, and the number of epochs asked for at that time. */
	readonly stopped: string | null;
	readonly nEpochs: number;
}

/** The training loop: epochs of batches, validation after each, hooks in between. */
export class Loop implements Training {
	readonly model: Model;
	readonly data: Data;
	readonly optimizer: Optimizer;
	readonly metrics: readonly Metric[];
	readonly streams: Streams;
	readonly batchSize: number;
	readonly stepsPerEpoch: number;
	readonly nEpochs: number;
	readonly run: RunPlace | undefined;
	readonly console: ProgressConsole;
	readonly rateFactors = new Map<string, number>();
	readonly history: Logs[] = [];
	retention: Training['retention'] = { last: 2 };
	resumed = false;

	readonly #parts: LoopParts;
	readonly #limits: LoopLimits;
	readonly #place: LoopPlace;
	readonly #hooks: Hooks;
	readonly #wanted = new Set<string>();
	readonly #turns = new Turns();
	#savedAt = '';
	#epoch = 0;
	#batch = 0;
	#step = 0;
	#examples = 0;
	#rate = Number.NaN;
	#totals: Totals;
	#stopped: string | undefined;
	readonly #avoided: Set<number>;
	#skipped = 0;
	// Seconds of earlier sessions, and when this one began.
	#earlier = 0;
	#began = now();
	#epochEarlier = 0;
	#epochBegan = now();
	// Seconds of this epoch without its validation.
	#trained = 0;

	/** `avoided`: steps to leave out besides those that the checkpoint names. */
	constructor(parts: LoopParts, limits: LoopLimits, place: LoopPlace, avoided: readonly number[] = []) {
		this.#parts = parts;
		this.#limits = limits;
		this.#place = place;
		this.#avoided = new Set(avoided);
		this.#hooks = new Hooks(parts.callbacks, (text) => place.notice(text));
		this.#totals = new Totals(parts.metrics);
		this.model = parts.model;
		this.data = parts.data;
		this.optimizer = parts.optimizer;
		this.metrics = parts.metrics;
		this.streams = parts.streams;
		this.batchSize = parts.batchSize;
		this.nEpochs = limits.nEpochs;
		this.run = place.run;
		this.console = place.console;
		const batches = batchCount(parts.data.splits.train.size, parts.batchSize);
		this.stepsPerEpoch = Math.min(batches, limits.trainBatches ?? Number.POSITIVE_INFINITY);
	}

	get epoch(): number {
		return this.#epoch;
	}

	get step(): number {
		return this.#step;
	}

	get examples(): number {
		return this.#examples;
	}

	get seconds(): number {
		return this.#earlier + now() - this.#began;
	}

	get callbacks() {
		return this.#parts.callbacks.map(({ callback }) => callback);
	}

	get clock(): Clock {
		return {
			step: this.#step,
			epoch: this.#epoch + this.#batch / this.stepsPerEpoch,
			nEpochs: this.nEpochs,
			totalSteps: this.nEpochs * this.stepsPerEpoch,
		};
	}

	/** Why training ended before its last epoch, if it did. */
	get stopReason(): string | undefined {
		return this.#stopped;
	}

	learningRate(): number {
		let rate = valueAt(this.optimizer.learningRate, this.clock);
		for (const factor of this.rateFactors.values()) {
			rate *= factor;
		}
		return rate;
	}

	direction(column: string): Direction | undefined {
		const name = column.slice(column.indexOf('/') + 1);
		if (name === 'loss' || name.startsWith('loss/')) {
			return 'min';
		}
		return this.metrics.find((metric) => metric.column === name)?.direction;
	}

	stop(reason: string): void {
		this.#stopped ??= reason;
	}

	checkpoint(name: string): void {
		this.#wanted.add(name);
	}

	notice(text: string): void {
		this.#place.notice(text);
	}

	/** Trains until a limit, a callback or a signal ends it. */
	async train(): Promise<EndReason> {
		this.#began = now();
		this.#epochBegan = now();
		await this.#each('onRunStart', (callback) => callback.onRunStart(this));
		while (!this.#isDone()) {
			await this.#trainEpoch();
			if (!this.#isDone() && this.#place.interruption.requested(this.#step)) {
				await this.#saveLast();
				return 'interrupted';
			}
		}
		await this.#saveLast();
		if (this.#batch > 0) {
			await this.#reportUnfinishedEpoch();
		}
		return 'finished';
	}

	// A row for the reader, after the last checkpoint: a run continued with a higher limit drops it again and goes on in
	// the middle of the epoch, as if there had been no limit.
	async #reportUnfinishedEpoch(): Promise<void> {
		const logs = await this.#epochRow();
		await this.#hooks.run('onEpochEnd', (callback) => callback.onEpochEnd(this, logs));
		this.#addTimes(logs);
		this.history.push(logs);
		await this.#hooks.run('onEpochLogged', (callback) => callback.onEpochLogged(this, logs));
		this.#wanted.clear();
	}

	/** Tells every callback, whatever happened, that the session is over. */
	async end(reason: EndReason): Promise<void> {
		await this.#hooks.runAll('onRunEnd', (callback) => callback.onRunEnd(this, reason));
	}

	/** Loss and metrics over a split with the weights that evaluation uses (an average of them, say). */
	async evaluate(split: 'valid' | 'test'): Promise<Logs> {
		await this.#hooks.run('onEvaluateStart', (callback) => callback.onEvaluateStart(this));
		const { model, data, loss, metrics, streams, evaluationBatchSize } = this.#parts;
		const limit = this.#limits.evaluationBatches;
		const logs = await evaluate({ model, data, loss, metrics, streams, batchSize: evaluationBatchSize, limit }, split);
		await this.#hooks.run('onEvaluateEnd', (callback) => callback.onEvaluateEnd(this));
		return logs;
	}

	state(): LoopState {
		return {
			epoch: this.#epoch,
			batch: this.#batch,
			step: this.#step,
			examples: this.#examples,
			seconds: this.seconds,
			epochSeconds: this.#epochEarlier + now() - this.#epochBegan,
			historyLength: this.history.length,
			lastRow: this.history.at(-1) ?? null,
			avoided: [...this.#avoided],
			skipped: this.#skipped,
			rate: this.#rate,
			totals: this.#totals.state(),
			rateFactors: Object.fromEntries(this.rateFactors),
			stopped: this.#stopped ?? null,
			nEpochs: this.nEpochs,
		};
	}

	/** `history`: the rows of the finished epochs. */
	restore(state: LoopState, history: readonly Readonly<Logs>[]): void {
		this.#epoch = state.epoch;
		this.#batch = state.batch;
		this.#step = state.step;
		this.#examples = state.examples;
		this.#earlier = state.seconds;
		this.#epochEarlier = state.epochSeconds;
		// Asking for another number of epochs overrules the callback that had ended training.
		this.#stopped = state.nEpochs === this.nEpochs ? (state.stopped ?? undefined) : undefined;
		this.#rate = state.rate;
		this.#skipped = state.skipped;
		for (const step of state.avoided) {
			this.#avoided.add(step);
		}
		this.#totals.restore(state.totals);
		this.history.splice(0, this.history.length, ...history);
		if (state.lastRow !== null && history.length > 0) {
			this.history[history.length - 1] = { ...state.lastRow };
		}
		this.rateFactors.clear();
		for (const [name, factor] of Object.entries(state.rateFactors)) {
			this.rateFactors.set(name, factor);
		}
		this.resumed = true;
		this.#savedAt = this.#instant();
	}

	// Returns in the middle of the epoch when a signal, a limit or a callback asks for it.
	async #trainEpoch(): Promise<void> {
		const { size } = this.data.splits.train;
		const order = this.#parts.shuffle ? epochOrder(size, this.#epoch, this.streams) : storedOrder(size);
		if (this.#batch === 0) {
			this.#totals = new Totals(this.metrics);
			this.#epochEarlier = 0;
			this.#epochBegan = now();
			await this.#each('onEpochStart', (callback) => callback.onEpochStart(this));
		}
		while (this.#batch < this.stepsPerEpoch) {
			const from = this.#batch * this.batchSize;
			await this.#trainBatch(order.subarray(from, from + this.batchSize));
			await this.#turns.give();
			this.#place.interruption.afterStep?.(this.#step);
			const requested = this.#place.interruption.requested(this.#step);
			if (this.#batch < this.stepsPerEpoch && (requested || this.#isDone())) {
				return;
			}
		}
		await this.#closeEpoch();
	}

	async #trainBatch(rows: Int32Array): Promise<void> {
		if (this.#avoided.has(this.#step)) {
			await this.#passOver(rows.length);
			return;
		}
		const { model, loss, streams, optimizer } = this.#parts;
		const drawn = streams.state();
		const batch = upload(this.data, assemble(this.data, 'train', rows, this.#step, streams));
		await this.#hooks.run('onBatchStart', (callback) => callback.onBatchStart(this, batch));
		const { packed, lossNames, ...pass } = backward(model, loss, batch, this.#totals, streams);
		let gradients: Record<string, tfc.Tensor> = pass.gradients;
		this.#rate = this.learningRate();
		const numbers = await packed.data();
		tf.dispose([packed, batch.inputs, batch.targets]);
		if (!isSound(numbers.subarray(0, lossNames.length), gradients, this.#limits.onNan)) {
			const named = Object.fromEntries(lossNames.map((name, i) => [name, numbers[i]!]));
			const { step: at } = this;
			this.#place.dump?.({
				step: at,
				epoch: this.#epoch,
				batch: this.#batch,
				ids: batch.ids,
				losses: named,
				streams: drawn,
			});
			if (this.#limits.onNan.action !== 'stop') {
				tf.dispose(gradients);
				await this.#leaveOut(batch.size, named);
				return;
			}
		}
		this.#skipped = 0;
		gradients = this.#hooks.through('onGradients', gradients, (callback, all) => callback.onGradients(this, all));
		optimizer.update(model.variables(), gradients, this.#rate);
		const losses = this.#totals.add(lossNames, numbers, batch.size);
		tf.dispose(gradients);
		const logs: Logs = { loss: losses.loss, lr: this.#rate };
		if (lossNames.length > 1) {
			for (const [name, value] of Object.entries(losses.parts)) {
				logs[`loss/${name}`] = value;
			}
		}
		await this.#endBatch(batch.size, logs);
	}

	async #endBatch(size: number, logs: Logs): Promise<void> {
		this.#step += 1;
		this.#batch += 1;
		this.#examples += size;
		await this.#each('onBatchEnd', (callback) => callback.onBatchEnd(this, logs));
	}

	// The weights stay; the step counts, so that the order of the data and the schedules go on as planned.
	async #passOver(size: number): Promise<void> {
		await this.#endBatch(size, { lr: this.learningRate(), skipped: 1 });
	}

	async #leaveOut(size: number, losses: Readonly<Record<string, number>>): Promise<void> {
		const { onNan } = this.#limits;
		const what = `step ${this.#step}: loss ${Object.values(losses).reduce((sum, value) => sum + value, 0)}, or a gradient that is not finite`;
		if (onNan.action === 'rollback') {
			throw new RollbackError(what, this.#step, [...this.#avoided]);
		}
		this.#skipped += 1;
		if (this.#skipped > mostSkipped) {
			throw new DivergedError(
				'training.diverged',
				`Training diverged: ${mostSkipped} steps in a row left out; ${what}.`,
			);
		}
		this.notice(`${what}: left out.`);
		await this.#passOver(size);
	}

	async #epochRow(): Promise<Logs> {
		this.#trained = this.#epochEarlier + now() - this.#epochBegan;
		return {
			epoch: this.#epoch,
			step: this.#step,
			n_examples: this.#totals.count,
			lr: this.#rate,
			...this.#totals.logs('train'),
			...(await this.evaluate('valid')),
		};
	}

	#addTimes(logs: Logs): void {
		logs['time/epoch_s'] = this.#epochEarlier + now() - this.#epochBegan;
		logs['time/total_s'] = this.seconds;
		logs['time/examples_per_s'] = this.#totals.count / Math.max(this.#trained, 1e-9);
	}

	async #closeEpoch(): Promise<void> {
		const logs = await this.#epochRow();
		await this.#hooks.run('onEpochEnd', (callback) => callback.onEpochEnd(this, logs));
		this.#addTimes(logs);
		this.history.push(logs);
		this.#epoch += 1;
		this.#batch = 0;
		this.#totals = new Totals(this.metrics);
		this.#epochEarlier = 0;
		this.#epochBegan = now();
		await this.#each('onEpochLogged', (callback) => callback.onEpochLogged(this, logs));
	}

	#isDone(): boolean {
		return this.#epoch >= this.nEpochs || this.#stopped !== undefined || this.#limitReached();
	}

	#limitReached(): boolean {
		const { maxSteps, trainFor } = this.#limits;
		return (maxSteps !== undefined && this.#step >= maxSteps) || (trainFor !== undefined && this.seconds >= trainFor);
	}

	async #each(
		hook: string,
		call: (callback: LoopParts['callbacks'][number]['callback']) => void | Promise<void>,
	): Promise<void> {
		await this.#hooks.run(hook, call);
		await this.#saveWanted();
	}

	async #saveLast(): Promise<void> {
		if (this.#savedAt !== this.#instant()) {
			this.checkpoint('last');
			await this.#saveWanted();
		}
	}

	// Two checkpoints of one instant are the same.
	#instant(): string {
		return `${this.#epoch} ${this.#batch} ${this.#step}`;
	}

	async #saveWanted(): Promise<void> {
		const names = [...this.#wanted];
		this.#wanted.clear();
		if (names.includes('last')) {
			this.#savedAt = this.#instant();
		}
		if (names.length > 0) {
			await this.#hooks.run('onCheckpoint', (callback) => callback.onCheckpoint(this));
			await this.#place.save(names, this);
		}
	}
}

function now(): number {
	return performance.now() / 1000;
}
