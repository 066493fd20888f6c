import type { Source } from '../ast.ts';
import type { Vocabulary } from '../model/cells.ts';
import { gather } from './gather.ts';
import { merge } from './merge.ts';
import type { Merged, Surroundings } from './merged.ts';

/**
 * Merges files and `-b` lines, in the order given, into one config. All problems are collected.
 *
 * Where imports decide which components exist, call `gather`, load `imports`, then `merge`.
 */
export function assemble(roots: readonly Source[], surroundings: Surroundings, vocabulary?: Vocabulary): Merged {
	return merge(gather(roots, surroundings), vocabulary);
}
