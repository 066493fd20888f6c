import { EnvironmentError } from '../core/errors.ts';

/** A data file that is not what its format promises; says where, what was expected and what was found. */
export function formatError(file: string, problem: string): EnvironmentError {
	return new EnvironmentError('data.damaged', `${file} is damaged or of another format: ${problem}.`);
}
