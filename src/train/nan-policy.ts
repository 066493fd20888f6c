import type * as tfc from '@tensorflow/tfjs-core';
import { DivergedError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';

/** What happens at a step whose loss or gradients are not finite. */
export type NanPolicy =
	| { readonly action: 'stop' | 'skip' }
	/** Go back to the last checkpoint, at most so many times, and leave the step out on the second way. */
	| { readonly action: 'rollback'; readonly times: number };

/** With `skip`: more steps in a row than this are a run that has diverged. */
export const mostSkipped = 10;

/** What was about to happen at a step whose numbers are not finite. */
export interface Incident {
	/** Steps done before. */
	readonly step: number;
	readonly epoch: number;
	readonly batch: number;
	/** Of the examples, in order. */
	readonly ids: Int32Array;
	readonly losses: Readonly<Record<string, number>>;
	/** The random streams before the step. */
	readonly streams: ReturnType<Streams['state']>;
}

/** The loop asks to be started again from the last checkpoint, without this step. */
export class RollbackError extends DivergedError {
	/** Steps to leave out from now on. */
	readonly avoided: readonly number[];

	constructor(what: string, step: number, before: readonly number[]) {
		super('training.diverged', `Training diverged at ${what}.`);
		this.avoided = [...before, step];
	}
}

/** Reads `stop`, `skip` and `rollback 3`. */
export function parseNanPolicy(text: string): NanPolicy {
	const [action, times] = text.split(' ');
	return action === 'rollback' ? { action, times: Number(times) } : { action: action === 'skip' ? 'skip' : 'stop' };
}

/** Whether a step may be taken. Gradients are looked at only where something can be done about them: it costs time. */
export function isSound(
	losses: Float32Array,
	gradients: Readonly<Record<string, tfc.Tensor>>,
	{ action }: NanPolicy,
): boolean | Promise<boolean> {
	if (!losses.every(Number.isFinite)) {
		return false;
	}
	return action === 'stop' || areFinite(Object.values(gradients));
}

async function areFinite(tensors: readonly tfc.Tensor[]): Promise<boolean> {
	const size = tf.tidy(() => magnitude(tensors));
	const [value] = await size.data();
	size.dispose();
	return Number.isFinite(value);
}

// Not finite where any value is not.
function magnitude(tensors: readonly tfc.Tensor[]): tfc.Scalar {
	return tf.addN(tensors.map((tensor) => tf.sum(tf.abs(tensor)))) as tfc.Scalar;
}
