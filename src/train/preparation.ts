import { copyRows } from '../core/rows.ts';
import type { Preprocessing } from './contracts/data.ts';

type Stored = Uint8Array | Float32Array;

/** How far stored values are brought: scaled only, so that transforms can follow, or ready for the model. */
export type Extent = 'scaled' | 'standardised';

/**
 * Fills `inputs` with examples `rows` of `stored` (`width` values each), scaled, and standardised where asked for. Values
 * are rounded to float32 after each of the two, so that the result is the same in one pass or in two.
 */
export function gather(
	inputs: Float32Array,
	stored: Stored,
	rows: Int32Array,
	width: number,
	preprocessing: Preprocessing,
	extent: Extent,
): void {
	if (stored instanceof Uint8Array) {
		const table = tableFor(preprocessing, extent);
		for (let position = 0; position < rows.length; position += 1) {
			lookUp(inputs, position * width, stored, rows[position]! * width, width, table);
		}
		return;
	}
	copyRows(inputs, stored, rows, width);
	scaleBy(inputs, preprocessing.scale);
	if (extent === 'standardised') {
		standardise(inputs, preprocessing);
	}
}

/** `(value - mean) / sd` in place, by channel. */
export function standardise(inputs: Float32Array, { mean, sd }: Preprocessing): void {
	if (mean.length === 1 && mean[0] === 0 && sd[0] === 1) {
		return;
	}
	const channels = mean.length;
	for (let channel = 0; channel < channels; channel += 1) {
		standardiseChannel(inputs, channel, channels, mean[channel]!, sd[channel]!);
	}
}

// Divides rather than multiplying by the reciprocal: the last bit of a batch is part of what a run repeats exactly.
function standardiseChannel(inputs: Float32Array, first: number, step: number, mean: number, sd: number): void {
	for (let i = first; i < inputs.length; i += step) {
		inputs[i] = (inputs[i]! - mean) / sd;
	}
}

function scaleBy(inputs: Float32Array, scale: number): void {
	if (scale === 1) {
		return;
	}
	for (let i = 0; i < inputs.length; i += 1) {
		inputs[i] = inputs[i]! * scale;
	}
}

// A byte has 256 values, so that what becomes of each is computed once.
const tables: Readonly<Record<Extent, WeakMap<Preprocessing, readonly Float32Array[]>>> = {
	scaled: new WeakMap(),
	standardised: new WeakMap(),
};

/** Of each channel, what becomes of every byte. */
export function tableFor(preprocessing: Preprocessing, extent: Extent): readonly Float32Array[] {
	let found = tables[extent].get(preprocessing);
	if (found === undefined) {
		const { mean, sd, scale } = preprocessing;
		found = (extent === 'scaled' ? [0] : mean).map((channelMean, channel) => {
			const table = Float32Array.from({ length: 256 }, (_, byte) => byte * scale);
			if (extent === 'standardised') {
				standardise(table, { scale: 1, mean: [channelMean], sd: [sd[channel]!] });
			}
			return table;
		});
		tables[extent].set(preprocessing, found);
	}
	return found;
}

function lookUp(
	inputs: Float32Array,
	to: number,
	stored: Uint8Array,
	from: number,
	width: number,
	table: readonly Float32Array[],
): void {
	const channels = table.length;
	for (let channel = 0; channel < channels; channel += 1) {
		const values = table[channel]!;
		for (let i = channel; i < width; i += channels) {
			inputs[to + i] = values[stored[from + i]!]!;
		}
	}
}

/** The values at `rows`. */
export function valuesAt(values: Int32Array, rows: Int32Array): Int32Array {
	const found = new Int32Array(rows.length);
	for (let position = 0; position < rows.length; position += 1) {
		found[position] = values[rows[position]!]!;
	}
	return found;
}
