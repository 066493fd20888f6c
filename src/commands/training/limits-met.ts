import { batchCount } from '../../train/batches.ts';
import type { Loop } from '../../train/loop.ts';
import type { LoopLimits, LoopParts } from '../../train/loop-parts.ts';
import type { LoopSettings } from '../../train/settings.ts';

/** The limits that kept a finished training from being whole, each as a config spells it; none where it is whole. */
export function limitsMet(loop: Loop, limits: LoopLimits, settings: LoopSettings, parts: LoopParts): string[] {
	const met: string[] = [];
	// A callback that ended training says so itself.
	if (loop.epoch < loop.nEpochs && loop.stopReason === undefined) {
		const isAtStep = limits.maxSteps !== undefined && loop.step >= limits.maxSteps;
		met.push(isAtStep ? `max_steps = ${settings.max_steps}` : `train_for = '${settings.train_for}'`);
	}
	const batches = batchCount(parts.data.splits.train.size, parts.batchSize, parts.dropLast);
	if (limits.trainBatches !== undefined && limits.trainBatches < batches) {
		met.push(`limit_train_batches = ${limits.trainBatches} of ${batches}`);
	}
	return met;
}
