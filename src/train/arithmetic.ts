import { RefusedError } from '../core/errors.ts';

/**
 * The arithmetic of this version. A run keeps the one that it began with: a checkpoint has its number among the optimizer's
 * (`arithmetic`, missing is 1).
 *
 * 1: on `wasm` and `native` 1 - decay of a running mean is taken in single precision: 0.00100004673 for 1 - 0.999.
 * 2: it is taken in double precision and rounded once.
 */
export const arithmetic = 2;

/** The arithmetic that a checkpoint was computed with. */
export function savedArithmetic({ arithmetic: saved = 1 }: Readonly<Record<string, number>>): number {
	if (saved !== 1 && saved !== arithmetic) {
		throw new RefusedError(
			'checkpoint.newer',
			`The checkpoint was computed with arithmetic ${saved}; this version of gimlet knows 1 to ${arithmetic}.`,
		);
	}
	return saved;
}
