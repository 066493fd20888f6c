import { z } from 'zod';
import { UsageError } from '../core/errors.ts';
import { component } from '../registry/parameters.ts';
import { type Transform, transformKind } from './contracts/data.ts';

/** What every data set of images with stored splits can be told; `valid` is its default number of validation examples. */
export function imageParameters(valid: number) {
	return {
		valid_size: z
			.int()
			.min(1)
			.default(valid)
			.meta({ unit: 'examples' })
			.describe('Examples taken from training for validation, by a stored index.'),
		split_seed: z.int().min(0).default(0).describe('Which stored index divides the examples.'),
		normalise: z.boolean().default(true).describe('Subtract the mean and divide by the sd of each channel.'),
		transforms: z
			.array(component(transformKind))
			.default([])
			.describe('Augmentations of training inputs, in this order.'),
		train_limit: z
			.int()
			.min(1)
			.nullable()
			.default(null)
			.meta({ unit: 'examples' })
			.describe('Train on the first so many examples of the training split only; None: on all.'),
	};
}

/** The parsed `imageParameters`. */
export interface ImageParameters {
	readonly valid_size: number;
	readonly split_seed: number;
	readonly normalise: boolean;
	readonly transforms: readonly Transform[];
	readonly train_limit: number | null;
}

/** Refuses a division that leaves nothing to train on, or a limit larger than the training split. */
export function checkSizes(
	name: string,
	pool: number,
	taken: number,
	{ train_limit }: Pick<ImageParameters, 'train_limit'>,
): void {
	const train = pool - taken;
	if (train < 1) {
		throw new UsageError(
			'data.split_size',
			`${name}: validation and test take ${taken} of ${pool} examples, which leaves none to train on.`,
		);
	}
	if (train_limit !== null && train_limit > train) {
		throw new UsageError(
			'data.train_limit',
			`${name}.train_limit is ${train_limit}, but the training split has ${train} examples; None takes all.`,
		);
	}
}
