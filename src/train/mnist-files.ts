import { readIdx } from '../data/idx.ts';
import type { Source } from '../data/source.ts';
import type { DataFile } from './contracts/data.ts';

/** SHA-256 of the four plain IDX files of a data set in the form of MNIST. */
export interface MnistHashes {
	readonly trainImages: string;
	readonly trainLabels: string;
	readonly testImages: string;
	readonly testLabels: string;
}

const trainSize = 60_000;
const testSize = 10_000;
const side = 28;

/** The four files of a data set in the form of MNIST; `bases` are addresses of folders holding them packed with gzip. */
export function mnistFiles(bases: readonly string[], hashes: MnistHashes): DataFile[] {
	const file = (name: string, sha256: string, bytes: number): DataFile => ({
		name,
		sha256,
		bytes,
		mirrors: bases.map((base) => `${base}/${name}.gz`),
	});
	return [
		file('train-images-idx3-ubyte', hashes.trainImages, 16 + trainSize * side * side),
		file('train-labels-idx1-ubyte', hashes.trainLabels, 8 + trainSize),
		file('t10k-images-idx3-ubyte', hashes.testImages, 16 + testSize * side * side),
		file('t10k-labels-idx1-ubyte', hashes.testLabels, 8 + testSize),
	];
}

/** The 60,000 training and then the 10,000 test examples of those files. */
export function mnistSource(contents: ReadonlyMap<string, Uint8Array>): Source {
	const read = (name: string, ...shape: number[]) => readIdx(name, contents.get(name)!, shape).values;
	return {
		inputs: joined(
			read('train-images-idx3-ubyte', trainSize, side, side),
			read('t10k-images-idx3-ubyte', testSize, side, side),
		),
		labels: joined(read('train-labels-idx1-ubyte', trainSize), read('t10k-labels-idx1-ubyte', testSize)),
		width: side * side,
	};
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
	const both = new Uint8Array(a.length + b.length);
	both.set(a);
	both.set(b, a.length);
	return both;
}
