import type * as tfc from '@tensorflow/tfjs-core';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';
import type { Model } from './model.ts';

/** What training minimises. */
export abstract class Loss {
	/** Named parts, each a mean over the batch; their sum is minimised and each is logged in its own column. */
	abstract parts(outputs: tfc.Tensor, targets: tfc.Tensor, model: Model): Record<string, tfc.Scalar>;
}

export const lossKind = defineKind<Loss>('loss', 'losses', 'What training minimises, in named parts.');
export const loss = decorator(lossKind);
