import test from 'ava';
import { limitsMet } from '../../../src/commands/training/limits-met.ts';

interface Case {
	readonly epoch?: number;
	readonly step?: number;
	readonly stopReason?: string;
	readonly maxSteps?: number;
	readonly trainFor?: string;
	readonly batches?: number;
}

/** Ten epochs of 4 batches: 100 examples, 32 a batch. */
function met({ epoch = 10, step = 40, stopReason, maxSteps, trainFor, batches }: Case): string[] {
	return limitsMet(
		{ epoch, step, nEpochs: 10, stopReason } as never,
		{ maxSteps, trainFor: trainFor === undefined ? undefined : 1, trainBatches: batches } as never,
		{ max_steps: maxSteps ?? null, train_for: trainFor ?? null } as never,
		{ data: { splits: { train: { size: 100 } } }, batchSize: 32, dropLast: false } as never,
	);
}

test('what kept a training from being whole is named, and nothing else', (t) => {
	t.deepEqual(met({}), []);
	t.deepEqual(met({ epoch: 3, step: 13, maxSteps: 13 }), ['max_steps = 13']);
	t.deepEqual(met({ epoch: 3, step: 13, maxSteps: 100, trainFor: '1h' }), ["train_for = '1h'"]);
	t.deepEqual(met({ step: 20, batches: 2 }), ['limit_train_batches = 2 of 4']);
	t.deepEqual(met({ epoch: 1, step: 3, maxSteps: 3, batches: 2 }), ['max_steps = 3', 'limit_train_batches = 2 of 4']);
	t.deepEqual(met({ maxSteps: 40, trainFor: '1h', batches: 4 }), [], 'limits that were not met');
	t.deepEqual(met({ epoch: 3, step: 12, maxSteps: 12, stopReason: 'early_stopping' }), []);
});
