import { EnvironmentError, type GimletError } from '../../core/errors.ts';

/** Thrown where a scheduler has said that it does not take a script; every other error leaves that open. */
export class NotTaken extends Error {
	constructor(
		/** What a person is told. */
		readonly error: GimletError,
		/** The scheduler's own words. */
		readonly reason: string,
	) {
		super(error.message);
	}
}

/** A scheduler that has not said whether it has taken a script. */
export function unclear(program: string, script: string, said: string): EnvironmentError {
	return new EnvironmentError(
		'jobs.unclear',
		`${program} did not say whether it took ${script}${said === '' ? '' : `: ${said}`}.`,
	);
}
