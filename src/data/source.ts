import { rowsOf } from '../core/rows.ts';
import { formatError } from './format-error.ts';
import type { SplitIndex } from './split.ts';

/** All examples of a data set in the order of its source. */
export interface Source {
	/** `size × width` values. */
	readonly inputs: Uint8Array | Float32Array;
	readonly labels: ArrayLike<number>;
	/** Values per input. */
	readonly width: number;
}

/** The examples of one split: rows of a source. */
export interface Rows {
	readonly size: number;
	readonly inputs: Uint8Array | Float32Array;
	readonly targets: Int32Array;
	/** Positions in the source. */
	readonly ids: Int32Array;
}

/** The rows of a source named by an index, as three splits; `trainLimit` keeps the first so many for training. */
export function divide(
	source: Source,
	index: SplitIndex,
	trainLimit?: number | null,
): Readonly<Record<'train' | 'valid' | 'test', Rows>> {
	return {
		train: rows(source, index.train.subarray(0, trainLimit ?? index.train.length)),
		valid: rows(source, index.valid),
		test: rows(source, index.test),
	};
}

/** Refuses labels that are not one of `classes` classes, naming the first. */
export function checkLabels(file: string, labels: ArrayLike<number>, classes: number): void {
	for (let i = 0; i < labels.length; i += 1) {
		const label = labels[i]!;
		if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
			throw formatError(file, `expected labels 0 … ${classes - 1}, found ${label} at example ${i}`);
		}
	}
}

/** How many examples of each class there are. */
export function classCounts(targets: ArrayLike<number>, classes: number): number[] {
	const counts = new Array<number>(classes).fill(0);
	for (let i = 0; i < targets.length; i += 1) {
		counts[targets[i]!]! += 1;
	}
	return counts;
}

function rows({ inputs, labels, width }: Source, ids: Int32Array): Rows {
	return {
		size: ids.length,
		inputs: rowsOf(inputs, ids, width),
		targets: Int32Array.from(ids, (id) => labels[id]!),
		ids: ids.slice(),
	};
}
