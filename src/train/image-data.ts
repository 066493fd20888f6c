import { checkLabels, divide, type Source } from '../data/source.ts';
import type { SplitIndex } from '../data/split.ts';
import type { Data, DataSpec } from './contracts/data.ts';
import type { ImageParameters } from './dataset-parameters.ts';

/** A labelled source with everything that makes it a data set. */
export interface ImageSource {
	readonly name: string;
	readonly spec: DataSpec;
	readonly source: Source;
	readonly index: SplitIndex;
	/** Largest stored value, which becomes 1. */
	readonly largest: number;
	/** Of the scaled training inputs, per channel. */
	readonly mean: readonly number[];
	readonly sd: readonly number[];
	/** Name → SHA-256 of the files it was read from. */
	readonly files: Readonly<Record<string, string>>;
}

/** The loaded data set of an image source, its labels checked. */
export function imageData(
	{ name, spec, source, index, largest, mean, sd, files }: ImageSource,
	parameters: ImageParameters,
): Data {
	if (spec.target.type === 'class') {
		checkLabels(name, source.labels, spec.target.classes);
	}
	const splits = divide(source, index, parameters.train_limit);
	return {
		spec,
		splits,
		preprocessing: { scale: 1 / largest, ...(parameters.normalise ? { mean, sd } : { mean: [0], sd: [1] }) },
		transforms: parameters.transforms,
		provenance: {
			files,
			split: {
				seed: parameters.split_seed,
				sha256: index.sha256,
				train: splits.train.size,
				valid: splits.valid.size,
				test: splits.test.size,
			},
			train_limit: parameters.train_limit,
		},
	};
}

/** The units of image values for `DataSpec.units`. */
export function imageUnits(normalise: boolean): string {
	return normalise ? 'intensity 0..1, standardised per channel' : 'intensity 0..1';
}
