import { batchCount } from './batches.ts';
import type { Clock } from './contracts/schedule.ts';
import type { LoopLimits, LoopParts } from './loop-parts.ts';

/** How long a training is: what schedules span that say nothing else. */
export interface Span {
	readonly stepsPerEpoch: number;
	readonly totalSteps: number;
	/** With a fraction where `max_steps` ends training in the middle of an epoch. */
	readonly nEpochs: number;
}

type Sizes = Pick<LoopParts, 'data' | 'batchSize' | 'dropLast'>;

/** The whole of a training by its epochs and steps; how long `train_for` lets it go on nobody knows. */
export function spanOf(parts: Sizes, limits: LoopLimits): Span {
	const batches = batchCount(parts.data.splits.train.size, parts.batchSize, parts.dropLast);
	const stepsPerEpoch = Math.min(batches, limits.trainBatches ?? Number.POSITIVE_INFINITY);
	const whole = wholeSpan(stepsPerEpoch, limits.nEpochs);
	return limits.maxSteps === undefined ? whole : cutSpan(whole, limits.maxSteps);
}

/** So many whole epochs. */
export function wholeSpan(stepsPerEpoch: number, nEpochs: number): Span {
	return { stepsPerEpoch, nEpochs, totalSteps: nEpochs * stepsPerEpoch };
}

/** A span that ends after so many steps at the latest. */
export function cutSpan(span: Span, steps: number): Span {
	return steps >= span.totalSteps ? span : { ...span, totalSteps: steps, nEpochs: steps / span.stepsPerEpoch };
}

/** The clock of a span after so many steps. */
export function clockAt({ stepsPerEpoch, nEpochs, totalSteps }: Span, step: number): Clock {
	const epoch = Math.floor(step / stepsPerEpoch);
	return { step, epoch: epoch + (step - epoch * stepsPerEpoch) / stepsPerEpoch, nEpochs, totalSteps };
}
