import { z } from 'zod';
import { checkRecord } from '../files/json.ts';
import { decodeNumbers } from './exact-json.ts';

/** A whole number, 0 or more. */
export const countField = z.int().nonnegative();
/** Any number, NaN and infinities too. */
export const numberField = z.custom<number>((value) => typeof value === 'number', 'Invalid input: expected a number');
const word = z.int32();
/** What the random streams will still draw, by name. */
export const streamsField = z.record(
	z.string(),
	z.object({ words: z.tuple([word, word, word, word]), spare: z.number().nullable() }),
);
const [count, number] = [countField, numberField];
const numbers = z.record(z.string(), number);
const callback = z.looseObject({ version: count, state: z.record(z.string(), z.unknown()) });

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
		unseen: z.object({ callbacks: z.array(z.string()), logs: numbers }).optional(),
	}),
	streams: streamsField,
	optimizer: numbers,
	callbacks: z
		.object({
			// What the growing files are measured by.
			csv_logger: callback.extend({ state: z.looseObject({ stepRows: count }) }).optional(),
			tensorboard: callback.extend({ state: z.looseObject({ length: count }) }).optional(),
		})
		.catchall(callback),
});

/** What a checkpoint holds besides tensors, with the numbers that JSON lacks put back. */
export type CheckpointState = z.output<typeof stateSchema>;

/** Checks the content of `state.json`, as stored; what it must not be is a RefusedError that names `path` and field. */
export function checkState(stored: unknown, path: string): CheckpointState {
	return checkRecord(decodeNumbers(stored), stateSchema, path);
}
