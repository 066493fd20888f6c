import { GimletError } from '../../core/errors.ts';
import { batchOfOneNotices } from '../../train/batches-of-one.ts';
import { assertMonitors, monitored } from '../../train/monitors.ts';
import { requireRates } from '../../train/rate-course.ts';
import { spanOf } from '../../train/span.ts';
import { type Built, limitsOf } from './build.ts';

/**
 * Refuses what could only go wrong once training has begun, before anything is created; returns what is worth a line.
 * `isNew`: a run that goes on has met some of it already.
 */
export function lookFirst({ parts, loop, names }: Built, isNew: boolean): string[] {
	const span = spanOf(parts, limitsOf(loop));
	requireRates(`${names.optimizer}.learning_rate`, parts.optimizer.learningRate, span);
	const { problems } = monitored(parts.columns, parts.callbacks, parts.data.splits.valid.size === 0);
	const { grave, slight } = parts.oddities;
	if (isNew) {
		assertMonitors(problems);
		refuseOdd(grave);
	}
	return [
		...slight,
		...(isNew ? [] : grave),
		...batchOfOneNotices(parts, span, isNew),
		...problems.map(({ text }) => text),
	];
}

function refuseOdd(grave: readonly string[]): void {
	if (grave.length > 0) {
		throw new GimletError('data.not_finite', grave);
	}
}
