import type { Streams } from '../../core/random.ts';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';

export const splitNames = ['train', 'valid', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** What the examples of a data set are: enough to build a model for them. */
export interface DataSpec {
	/** Shape of one input without the batch: `[height, width, channels]` or `[features]`. */
	readonly shape: readonly number[];
	/** What an example is asked for: one of `classes` classes, or `shape` real values. */
	readonly target:
		| { readonly type: 'class'; readonly classes: number; readonly names?: readonly string[] }
		| { readonly type: 'values'; readonly shape: readonly number[] };
	/** Of one input value as the model sees it, such as `intensity 0..1, standardised per channel`. */
	readonly units: string;
}

/** One split in memory, raw. */
export interface Examples {
	readonly size: number;
	/** `size × product(shape)` values, row-major, as stored: bytes 0..255 or floats. */
	readonly inputs: Uint8Array | Float32Array;
	/** Class numbers, or `size × product(target.shape)` values. */
	readonly targets: Int32Array | Float32Array;
	/** Position of each example in the data set's source, unique over all splits; what the stored index records. */
	readonly ids: Int32Array;
}

/** How a stored value becomes a model input: `(value * scale - mean[channel]) / sd[channel]`. */
export interface Preprocessing {
	readonly scale: number;
	/** One entry, or one per channel (last axis). */
	readonly mean: readonly number[];
	readonly sd: readonly number[];
}

/** Changes training inputs in place before standardisation; draws only from the stream it is given. */
export abstract class Transform {
	/** `inputs`: `count` examples of `shape`, scaled but not yet standardised. */
	abstract apply(inputs: Float32Array, count: number, shape: readonly number[], random: Stream): void;

	/**
	 * The parameters that an equal transform can be built from in another thread, where batches are read ahead. Give them
	 * only where the result depends on nothing but them and what `apply` is given; otherwise training does it itself.
	 */
	get portable(): object | undefined {
		return undefined;
	}
}

type Stream = ReturnType<Streams['stream']>;

/** A loaded data set. */
export interface Data {
	readonly spec: DataSpec;
	readonly splits: Readonly<Record<SplitName, Examples>>;
	readonly preprocessing: Preprocessing;
	/** Applied to training batches only, in order. */
	readonly transforms: readonly Transform[];
	/** Inputs or targets that are not finite stand for missing ones: model and loss know how to treat them. */
	readonly missing?: boolean;
	/** Training examples were drawn with replacement: their ids may repeat. */
	readonly resampled?: boolean;
	/** For `data.json`: where the bytes came from (file name → sha256), how the split was made, notes. */
	readonly provenance: Readonly<Record<string, unknown>>;
}

/** A file that `prepare` fetches or imports. */
export interface DataFile {
	/** Name under `$DATA_DIR/<data set>/`. */
	readonly name: string;
	readonly sha256: string;
	/** Size as fetched, in bytes. */
	readonly bytes: number;
	/** Addresses tried in order. */
	readonly mirrors: readonly string[];
}

export interface LoadContext {
	/** `$DATA_DIR`, absolute. */
	readonly dataDir: string;
	readonly streams: Streams;
}

/** Examples with declared shape, classes, units and three disjoint splits. */
export abstract class Dataset {
	/** Known without loading anything. */
	abstract readonly spec: DataSpec;
	/** The files under `$DATA_DIR/<name>/` that `load` needs; empty for embedded and synthetic data. */
	readonly files: readonly DataFile[] = [];
	/** Reads everything; a missing or damaged file is an EnvironmentError naming it and how to get it. */
	abstract load(context: LoadContext): Promise<Data>;
}

export const datasetKind = defineKind<Dataset>(
	'dataset',
	'datasets',
	'Examples to learn from, in three disjoint splits.',
);
export const dataset = decorator(datasetKind);

export const transformKind = defineKind<Transform>('transform', 'transforms', 'An augmentation of training inputs.');
export const transform = decorator(transformKind);
