import { UsageError } from '../core/errors.ts';
import type { LayerRow } from './contracts/model.ts';
import type { LoopParts } from './loop-parts.ts';
import type { Span } from './span.ts';

/**
 * What is to be said of batch normalisation over a single example: its mean is the example itself, so that what comes out
 * is the same for all. A new run whose batches are all like that is refused.
 */
export function batchOfOneNotices(parts: LoopParts, span: Span, isNew: boolean): string[] {
	const alone = aloneIn(parts, span);
	const [layer, ...others] = alone === 'none' ? [] : parts.model.rows().filter(normalisesOneRow);
	if (layer === undefined) {
		return [];
	}
	const layers = `The batch normalisation of ${layer.name}${others.length === 0 ? '' : ` and ${others.length} more`}`;
	if (alone === 'last') {
		return [
			`${layers} meets a batch of one at the end of every epoch (${parts.data.splits.train.size} examples by ` +
				`${parts.batchSize}): its gradient is 0 there, and its running variance moves towards 0. train.drop_last=True leaves ` +
				'that batch out.',
		];
	}
	const text = `${layers} gets batches of one example, from which nothing can be learnt: the mean of a batch is its only example. train.batch_size must be larger.`;
	if (isNew) {
		throw new UsageError('train.batch_of_one', text);
	}
	return [text];
}

function aloneIn({ data, batchSize, dropLast }: LoopParts, { stepsPerEpoch }: Span): 'all' | 'last' | 'none' {
	const { size } = data.splits.train;
	if (batchSize === 1 || size === 1) {
		return 'all';
	}
	const isReached = stepsPerEpoch * batchSize > size && !dropLast;
	return isReached && size % batchSize === 1 ? 'last' : 'none';
}

// Over an image there are as many rows as pixels.
function normalisesOneRow({ type, outputShape }: LayerRow): boolean {
	return /^BatchNorm/u.test(type) && outputShape.slice(0, -1).every((side) => side === 1);
}
