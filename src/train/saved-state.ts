import { z } from 'zod';
import { RefusedError } from '../core/errors.ts';
import type { PeriodicState } from '../core/frequency.ts';
import type { CallbackState } from './contracts/callback.ts';

/** The part of a saved state called `name`: a number (a best value may be infinite), or an error that says what is there. */
export function savedNumber(who: string, state: CallbackState, name: string): number {
	const value = state[name];
	if (typeof value !== 'number' || Number.isNaN(value)) {
		throw notOf(who, name, value, 'a number');
	}
	return value;
}

/** Like `savedNumber`, for a value that may not have been there yet (saved as null). */
export function savedOptional(who: string, state: CallbackState, name: string): number | undefined {
	return state[name] === null ? undefined : savedNumber(who, state, name);
}

/** Like `savedNumber`, for a whole number, 0 or more. */
export function savedCount(who: string, state: CallbackState, name: string): number {
	const value = savedNumber(who, state, name);
	if (!Number.isSafeInteger(value) || value < 0) {
		throw notOf(who, name, value, 'a whole number, 0 or more,');
	}
	return value;
}

/** The part of a saved state called `name`: what a `Periodic` remembers. */
export function savedPeriod(who: string, state: CallbackState, name: string): PeriodicState {
	const { success, data } = periodSchema.safeParse(state[name]);
	if (!success) {
		throw notOf(who, name, state[name], 'the state of a frequency');
	}
	return data as PeriodicState;
}

const amount = z.number().nonnegative();
const periodSchema = z.object({
	done: amount,
	frequency: z
		.object({ unit: z.enum(['seconds', 'steps', 'examples', 'epochs']), every: z.number().positive() })
		.optional(),
	asked: z.object({ step: amount, examples: amount, epoch: amount, seconds: amount }).optional(),
});

function notOf(who: string, name: string, value: unknown, needed: string): RefusedError {
	return new RefusedError(
		'checkpoint.callback_state',
		`The checkpoint's state of ${who} has ${name} = ${JSON.stringify(value)}; ${needed} is needed.`,
	);
}

/** Refuses a state whose layout this version of the code does not know. */
export function knownVersion(who: string, version: number, known: number): void {
	if (version !== known) {
		throw new RefusedError(
			'checkpoint.callback_version',
			`The checkpoint's state of ${who} has layout ${version}; this version of gimlet reads layout ${known}.`,
		);
	}
}
