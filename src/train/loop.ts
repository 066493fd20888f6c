import { DivergedError, RefusedError } from '../core/errors.ts';
import { CheckpointRequests } from './checkpoint-requests.ts';
import type { EndReason, Logs } from './contracts/callback.ts';
import { EvaluationGivenUp, evaluate } from './evaluation.ts';
import { Hooks } from './hooks.ts';
import { LastWhole } from './last-whole.ts';
import { LeftOut } from './left-out.ts';
import type { LoopLimits, LoopParts, LoopPlace } from './loop-parts.ts';
import { LoopProgress } from './loop-progress.ts';
import { Totals } from './totals.ts';
import { TrainingStep } from './training-step.ts';
import { Turns } from './turns.ts';

/** The training loop: epochs of batches, validation after each, hooks in between. */
export class Loop extends LoopProgress {
	readonly #parts: LoopParts;
	readonly #limits: LoopLimits;
	readonly #place: LoopPlace;
	readonly #hooks: Hooks;
	readonly #requests: CheckpointRequests;
	readonly #trainingStep: TrainingStep;
	readonly #turns = new Turns();
	readonly #whole: LastWhole;

	/** `avoided`: steps to leave out besides those that the checkpoint names. */
	constructor(parts: LoopParts, limits: LoopLimits, place: LoopPlace, avoided: readonly number[] = []) {
		super(parts, limits, place, new LeftOut(limits.onNan, avoided));
		this.#parts = parts;
		this.#limits = limits;
		this.#place = place;
		this.#hooks = new Hooks(
			parts.callbacks,
			(text) => place.notice(text),
			() => place.run?.check(),
		);
		this.#requests = new CheckpointRequests(this, this.#hooks, place.saves);
		this.#whole = new LastWhole(this, parts);
		this.#trainingStep = new TrainingStep(this, parts, limits.onNan, this.#hooks, (incident) => place.dump?.(incident));
	}

	override checkpoint(name: string): void {
		this.#requests.add(name);
	}

	override notice(text: string): void {
		this.#place.notice(text);
	}

	/** Tells that the state put back is that of the run's `last`; it may have been saved as `best` alone. */
	atLast(): void {
		this.#requests.atLast();
	}

	/** Names of checkpoints that must be there: this session has saved them, or a callback knows of one that did. */
	get promised(): string[] {
		const remembered = this.callbacks.flatMap((callback) => callback.savedCheckpoints(callback.state()));
		return [...new Set([...this.#requests.saved, ...remembered])];
	}

	/** Trains until a limit, a callback or a signal ends it; every checkpoint is on disk then. */
	async train(): Promise<EndReason> {
		try {
			return await this.#train();
		} catch (error) {
			// What failed first is what is reported.
			try {
				await this.#place.saves?.settle();
				await this.#saveAfter(error);
			} catch (failure) {
				this.notice(`A checkpoint was not saved: ${(failure as Error).message}`);
			}
			throw error;
		} finally {
			await this.#trainingStep.close();
		}
	}

	/** Tells every callback, whatever happened, that the session is over. */
	async end(reason: EndReason): Promise<void> {
		await this.#hooks.runAll('onRunEnd', (callback) => callback.onRunEnd(this, reason));
	}

	/**
	 * Loss and metrics over a split with the weights that evaluation uses (an average of them, say). Throws
	 * `EvaluationGivenUp` where an urgent interruption comes; the weights are those of training then.
	 */
	async evaluate(split: 'valid' | 'test'): Promise<Logs> {
		const { model, data, loss, metrics, streams, evaluationBatchSize } = this.#parts;
		const limit = this.#limits.evaluationBatches;
		const isUnwanted = () => this.#place.interruption.isUrgent?.() ?? false;
		const parts = { model, data, loss, metrics, streams, batchSize: evaluationBatchSize, limit, isUnwanted };
		let logs: Logs;
		try {
			await this.#hooks.run('onEvaluateStart', (callback) => callback.onEvaluateStart(this));
			logs = await evaluate(parts, split);
		} catch (error) {
			await this.#endEvaluation().catch((failure: Error) => this.notice(failure.message));
			throw error;
		}
		await this.#endEvaluation();
		return logs;
	}

	async #endEvaluation(): Promise<void> {
		try {
			await this.#hooks.run('onEvaluateEnd', (callback) => callback.onEvaluateEnd(this));
		} catch (error) {
			// The weights may not be those of training.
			this.#whole.none();
			throw error;
		}
	}

	async #train(): Promise<EndReason> {
		this.time.start();
		if (!this.#place.isTrial) {
			this.rateNotices().forEach((text) => void this.notice(text));
		}
		await this.#hooks.run('onRunStart', (callback) => callback.onRunStart(this));
		await this.#requests.take();
		await this.#showUnseen();
		while (!this.#isOver()) {
			const isWhole = await isCompleted(this.#trainEpoch());
			this.#whole.none();
			if (!isWhole || (!this.#isOver() && this.#place.interruption.requested(this.step))) {
				await this.#requests.takeLast();
				return 'interrupted';
			}
		}
		await this.#requests.takeLast();
		const isReported = this.batch === 0 || (await isCompleted(this.#reportUnfinishedEpoch()));
		return isReported ? 'finished' : 'interrupted';
	}

	// Returns in the middle of the epoch when a signal, a limit or a callback asks for it.
	async #trainEpoch(): Promise<void> {
		if (this.batch === 0) {
			this.#startEpoch();
			this.#whole.keep();
			await this.#hooks.run('onEpochStart', (callback) => callback.onEpochStart(this));
			this.#whole.none();
			await this.#requests.take();
		}
		while (this.batch < this.stepsPerEpoch) {
			await this.#trainBatch();
			await this.#turns.give();
			await this.#place.saves?.advance();
			this.#place.interruption.afterStep?.(this.step);
			const requested = this.#place.interruption.requested(this.step);
			if (this.batch < this.stepsPerEpoch && (requested || this.#isDone())) {
				return;
			}
		}
		// A history with rows proves that there is a checkpoint.
		if (this.history.length === 0) {
			await this.#place.saves?.settle();
		}
		this.#whole.keep();
		await this.#closeEpoch();
	}

	async #trainBatch(): Promise<void> {
		const { size } = this.#trainingStep;
		this.#whole.beforeStep(this.#trainingStep);
		const logs = this.leftOut.has(this.step) ? undefined : await this.#take();
		// A step that is left out counts, so that the order of the data and the schedules go on as planned.
		const shown = logs ?? { lr: this.learningRate(), skipped: 1 };
		this.step += 1;
		this.batch += 1;
		this.examples += size;
		await this.#endStep(shown);
	}

	async #endStep(logs: Logs, only?: readonly string[]): Promise<void> {
		this.#whole.afterStep(logs, this.#hooks);
		await this.#hooks.run('onBatchEnd', (callback) => callback.onBatchEnd(this, logs), only);
		this.#whole.none();
		this.unseen = undefined;
		await this.#requests.take();
	}

	async #showUnseen(): Promise<void> {
		if (this.unseen !== undefined) {
			await this.#endStep({ ...this.unseen.logs }, this.unseen.callbacks);
		}
	}

	// Where nothing has been trained, or training went wrong itself, there is nothing to save.
	async #saveAfter(failure: unknown): Promise<void> {
		const isHopeless = failure instanceof RefusedError || failure instanceof DivergedError;
		const state = isHopeless ? undefined : this.#whole.after(failure);
		if (state !== undefined && state.loop.step > 0 && (await this.#requests.takeEarlier(state))) {
			this.notice(`saved before the run ends as failed: last, of step ${state.loop.step}`);
		}
	}

	async #take(): Promise<Logs | undefined> {
		const { taken, logs, rate } = await this.#trainingStep.take(this.totals);
		this.rate = rate;
		if (!taken) {
			this.notice(this.leftOut.add(this.step, logs));
			return undefined;
		}
		this.leftOut.taken();
		return logs;
	}

	#startEpoch(): void {
		this.totals = new Totals(this.metrics);
		this.time.startEpoch();
	}

	async #epochRow(): Promise<Logs> {
		this.time.endBatches();
		return {
			epoch: this.epoch,
			step: this.step,
			n_examples: this.totals.count,
			lr: this.rate,
			...this.totals.logs('train'),
			...(await this.evaluate('valid')),
		};
	}

	async #closeEpoch(): Promise<void> {
		const logs = await this.#epochRow();
		await this.#hooks.run('onEpochEnd', (callback) => callback.onEpochEnd(this, logs));
		this.time.addTo(logs, this.totals.count);
		this.history.push(logs);
		this.epoch += 1;
		this.batch = 0;
		this.#startEpoch();
		await this.#hooks.run('onEpochLogged', (callback) => callback.onEpochLogged(this, logs));
		this.#whole.none();
		await this.#requests.take();
	}

	// A row for the reader, after the last checkpoint: a run continued with a higher limit drops it again and goes on in
	// the middle of the epoch, as if there had been no limit.
	async #reportUnfinishedEpoch(): Promise<void> {
		const logs = await this.#epochRow();
		await this.#hooks.run('onEpochEnd', (callback) => callback.onEpochEnd(this, logs));
		this.time.addTo(logs, this.totals.count);
		this.history.push(logs);
		await this.#hooks.run('onEpochLogged', (callback) => callback.onEpochLogged(this, logs));
		this.#requests.drop();
	}

	// An epoch whose batches are done is always closed: an interruption may have left its validation to this session.
	#isOver(): boolean {
		return this.#isDone() && this.batch < this.stepsPerEpoch;
	}

	#isDone(): boolean {
		return this.epoch >= this.nEpochs || this.stopReason !== undefined || this.#limitReached();
	}

	#limitReached(): boolean {
		const { maxSteps, trainFor } = this.#limits;
		return (maxSteps !== undefined && this.step >= maxSteps) || (trainFor !== undefined && this.seconds >= trainFor);
	}
}

// False where an evaluation in it was given up.
async function isCompleted(work: Promise<void>): Promise<boolean> {
	try {
		await work;
		return true;
	} catch (error) {
		if (error instanceof EvaluationGivenUp) {
			return false;
		}
		throw error;
	}
}
