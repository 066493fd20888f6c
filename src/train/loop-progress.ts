import { GimletError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import type { Column } from './columns.ts';
import type { Callback, Logs } from './contracts/callback.ts';
import type { Data } from './contracts/data.ts';
import type { Direction, Metric } from './contracts/metric.ts';
import type { Model } from './contracts/model.ts';
import type { Optimizer } from './contracts/optimizer.ts';
import { type Clock, valueAt } from './contracts/schedule.ts';
import type { ProgressConsole, Retention, RunPlace, Training } from './contracts/training.ts';
import type { LeftOut } from './left-out.ts';
import type { LoopLimits, LoopParts, LoopPlace, LoopState, Unseen } from './loop-parts.ts';
import { courseNotices, isRate, isSpanning } from './rate-course.ts';
import { RunClock } from './run-clock.ts';
import { cutSpan, type Span, spanOf, wholeSpan } from './span.ts';
import { Totals } from './totals.ts';

/** Where a run stands: what callbacks see of it, and what a checkpoint keeps. */
export abstract class LoopProgress implements Training {
	readonly model: Model;
	readonly data: Data;
	readonly optimizer: Optimizer;
	readonly metrics: readonly Metric[];
	readonly callbacks: readonly Callback[];
	readonly streams: Streams;
	readonly batchSize: number;
	readonly stepsPerEpoch: number;
	readonly nEpochs: number;
	readonly run: RunPlace | undefined;
	readonly console: ProgressConsole;
	readonly rateFactors = new Map<string, number>();
	readonly history: Logs[] = [];
	retention: Retention = { last: 2 };
	resumed = false;
	epoch = 0;
	/** Batches of this epoch done. */
	batch = 0;
	step = 0;
	examples = 0;
	/** Why training ended before its last epoch, if it did. */
	stopReason: string | undefined;
	/** Of the last step, where not all callbacks have seen its end. */
	unseen: Unseen | undefined;

	protected readonly time = new RunClock();
	/** Of the epoch in progress. */
	protected totals: Totals;
	/** The learning rate of the last step. */
	protected rate = Number.NaN;
	protected readonly leftOut: LeftOut;
	// What schedules span: all of training, and in a run begun before limits counted, all of its epochs.
	#span: Span;
	#isOldSpan = false;
	readonly #columns: readonly Column[];
	readonly #limited: Span;
	// Before this session.
	#spanBefore: Span | undefined;
	readonly #isTimed: boolean;
	// Else a limit of steps that is raised later leaves no trace.
	readonly #isSpanning: boolean;

	protected constructor(parts: LoopParts, limits: LoopLimits, place: LoopPlace, leftOut: LeftOut) {
		this.model = parts.model;
		this.data = parts.data;
		this.optimizer = parts.optimizer;
		this.metrics = parts.metrics;
		this.callbacks = parts.callbacks.map(({ callback }) => callback);
		this.streams = parts.streams;
		this.batchSize = parts.batchSize;
		this.nEpochs = limits.nEpochs;
		this.#columns = parts.columns;
		this.run = place.run;
		this.console = place.console;
		this.#limited = spanOf(parts, limits);
		this.#span = this.#limited;
		this.stepsPerEpoch = this.#span.stepsPerEpoch;
		this.#isTimed = limits.trainFor !== undefined;
		this.#isSpanning = isSpanning(parts.optimizer.learningRate, this.#span);
		this.totals = new Totals(parts.metrics);
		this.leftOut = leftOut;
	}

	abstract checkpoint(name: string): void;
	abstract notice(text: string): void;

	get seconds(): number {
		return this.time.seconds;
	}

	get clock(): Clock {
		return {
			step: this.step,
			epoch: this.epoch + this.batch / this.stepsPerEpoch,
			nEpochs: this.#span.nEpochs,
			totalSteps: this.#span.totalSteps,
		};
	}

	/** What is to be said of the learning rate before training starts. */
	rateNotices(): string[] {
		return courseNotices(this.optimizer.learningRate, {
			now: this.#span,
			before: this.#spanBefore ?? this.#span,
			whole: wholeSpan(this.stepsPerEpoch, this.nEpochs),
			limited: this.#limited,
			isTimed: this.#isTimed,
		});
	}

	learningRate(): number {
		let rate = valueAt(this.optimizer.learningRate, this.clock);
		for (const factor of this.rateFactors.values()) {
			rate *= factor;
		}
		if (!isRate(rate)) {
			const text = `The learning rate of step ${this.step} is ${rate}; it must be a finite number ≥ 0.`;
			throw new GimletError('training.rate', text);
		}
		return rate;
	}

	direction(column: string): Direction | undefined {
		return this.#columns.find(({ name }) => name === column)?.direction ?? undefined;
	}

	retain({ last, everySteps }: Retention): void {
		const before = this.retention;
		this.retention = {
			last: Math.max(before.last, last),
			everySteps: commonDivisor(before.everySteps ?? 0, everySteps ?? 0) || undefined,
		};
	}

	stop(reason: string): void {
		this.stopReason ??= reason;
	}

	state(): LoopState {
		return {
			epoch: this.epoch,
			batch: this.batch,
			step: this.step,
			examples: this.examples,
			seconds: this.time.seconds,
			epochSeconds: this.time.epochSeconds,
			historyLength: this.history.length,
			lastRow: this.history.at(-1) ?? null,
			...this.leftOut.state(),
			rate: this.rate,
			totals: this.totals.state(),
			rateFactors: Object.fromEntries(this.rateFactors),
			stopped: this.stopReason ?? null,
			nEpochs: this.nEpochs,
			...(this.unseen === undefined ? {} : { unseen: this.unseen }),
			...(this.#isSpanning && !this.#isOldSpan ? { scheduleSteps: this.#span.totalSteps } : {}),
		};
	}

	/** `history`: the rows of the finished epochs. */
	restore(state: LoopState, history: readonly Readonly<Logs>[]): void {
		this.epoch = state.epoch;
		this.batch = state.batch;
		this.step = state.step;
		this.examples = state.examples;
		this.time.restore(state);
		// Asking for another number of epochs overrules the callback that had ended training.
		this.stopReason = state.nEpochs === this.nEpochs ? (state.stopped ?? undefined) : undefined;
		this.rate = state.rate;
		this.leftOut.restore(state);
		this.totals.restore(state.totals);
		this.history.length = 0;
		for (const row of history) {
			this.history.push(row);
		}
		if (state.lastRow !== null && history.length > 0) {
			this.history[history.length - 1] = { ...state.lastRow };
		}
		this.rateFactors.clear();
		for (const [name, factor] of Object.entries(state.rateFactors)) {
			this.rateFactors.set(name, factor);
		}
		this.unseen = state.unseen;
		this.resumed = true;
		this.#restoreSpan(state);
	}

	#restoreSpan({ nEpochs, scheduleSteps }: LoopState): void {
		const whole = wholeSpan(this.stepsPerEpoch, this.nEpochs);
		this.#isOldSpan = scheduleSteps === undefined;
		if (this.#isOldSpan) {
			this.#span = whole;
		}
		const before = wholeSpan(this.stepsPerEpoch, nEpochs);
		this.#spanBefore = scheduleSteps === undefined ? before : cutSpan(before, scheduleSteps);
	}
}

// Of 0 and a number it is the number.
function commonDivisor(a: number, b: number): number {
	return b === 0 ? a : commonDivisor(b, a % b);
}
