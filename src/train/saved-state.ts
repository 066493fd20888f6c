import { RefusedError } from '../core/errors.ts';
import type { CallbackState } from './contracts/callback.ts';

/** The part of a saved state called `name`: a number (a best value may be infinite), or an error that says what is there. */
export function savedNumber(who: string, state: CallbackState, name: string): number {
	const value = state[name];
	if (typeof value !== 'number' || Number.isNaN(value)) {
		throw new RefusedError(
			'checkpoint.callback_state',
			`The checkpoint's state of ${who} has ${name} = ${JSON.stringify(value)}; a number is needed.`,
		);
	}
	return value;
}

/** Like `savedNumber`, for a value that may not have been there yet (saved as null). */
export function savedOptional(who: string, state: CallbackState, name: string): number | undefined {
	return state[name] === null ? undefined : savedNumber(who, state, name);
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
