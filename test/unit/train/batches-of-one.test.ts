import test from 'ava';
import { UsageError } from '../../../src/core/errors.ts';
import { batchOfOneNotices } from '../../../src/train/batches-of-one.ts';
import type { Model } from '../../../src/train/contracts/model.ts';
import type { LoopLimits, LoopParts } from '../../../src/train/loop-parts.ts';
import { spanOf } from '../../../src/train/span.ts';
import { classes, make } from '../../fixtures/parts.ts';
import '../../../src/models/mlp.ts';
import '../../../src/models/simple_cnn.ts';
import { Streams } from '../../../src/core/random.ts';

interface Case {
	readonly size: number;
	readonly batchSize: number;
	readonly dropLast?: boolean;
	readonly trainBatches?: number;
}

const dense = make<Model>('mlp', { units: [3], batch_norm: true });
const plain = make<Model>('mlp', { units: [3] });
const images = make<Model>('simple_cnn', { filters: [2], units: [], batch_norm: true });
await dense.build(classes([2]), new Streams(1));
await plain.build(classes([2]), new Streams(1));
await images.build(classes([8, 8, 1]), new Streams(1));

function notices(model: Model, { size, batchSize, dropLast = false, trainBatches }: Case, isNew = true): string[] {
	const parts = { model, data: { splits: { train: { size } } }, batchSize, dropLast } as unknown as LoopParts;
	return batchOfOneNotices(parts, spanOf(parts, { nEpochs: 1, trainBatches } as LoopLimits), isNew);
}

test('batch normalisation of rows over batches of one is refused, and said where the run has begun', (t) => {
	for (const one of [
		{ size: 9, batchSize: 1 },
		{ size: 1, batchSize: 8 },
	]) {
		t.throws(() => notices(dense, one), {
			instanceOf: UsageError,
			message: /batch normalisation of norm1 gets batches of one/,
		});
		t.regex(notices(dense, one, false)[0]!, /nothing can be learnt/);
		t.deepEqual([...notices(plain, one), ...notices(images, one)], []);
	}
});

test('a last batch of one is said, unless it is dropped or never reached', (t) => {
	t.regex(
		notices(dense, { size: 9, batchSize: 8 })[0]!,
		/batch of one at the end of every epoch .* train\.drop_last=True/,
	);
	t.deepEqual(notices(dense, { size: 10, batchSize: 8 }), []);
	t.deepEqual(notices(dense, { size: 9, batchSize: 8, dropLast: true }), []);
	t.deepEqual(notices(dense, { size: 9, batchSize: 8, trainBatches: 1 }), []);
	t.deepEqual(notices(images, { size: 9, batchSize: 8 }), []);
});
