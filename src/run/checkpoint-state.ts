import { z } from 'zod';
import { checkRecord } from '../files/json.ts';
import { decodeNumbers } from './exact-json.ts';

const count = z.int().nonnegative();
// NaN and infinities too.
const number = z.custom<number>((value) => typeof value === 'number', 'Invalid input: expected number');
const numbers = z.record(z.string(), number);
const word = z.int32();

const stateSchema = z.looseObject({
	schema: z.literal('gimlet.checkpoint/1'),
	loop: z.looseObject({
		epoch: count,
		batch: count,
		step: count,
		examples: count,
		seconds: z.number().nonnegative(),
		epochSeconds: z.number().nonnegative(),
		historyLength: count,
		lastRow: numbers.nullable(),
		avoided: z.array(count),
		skipped: count,
		rate: number,
		totals: z.looseObject({ count, losses: numbers, metrics: z.record(z.string(), z.array(number)) }),
		rateFactors: numbers,
		stopped: z.string().nullable(),
		nEpochs: count,
	}),
	streams: z.record(z.string(), z.object({ words: z.tuple([word, word, word, word]), spare: z.number().nullable() })),
	optimizer: numbers,
	callbacks: z.record(z.string(), z.looseObject({ version: count, state: z.record(z.string(), z.unknown()) })),
});

/** What a checkpoint holds besides tensors, with the numbers that JSON lacks put back. */
export type CheckpointState = z.output<typeof stateSchema>;

/** Checks the content of `state.json`, as stored; what it must not be is a RefusedError that names `path` and field. */
export function checkState(stored: unknown, path: string): CheckpointState {
	return checkRecord(decodeNumbers(stored), stateSchema, path);
}
