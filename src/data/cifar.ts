import { formatError } from './format-error.ts';

/** Images and labels of one CIFAR file. */
export interface CifarImages {
	/** `size × 32 × 32 × 3` bytes: height, width, channels. */
	readonly inputs: Uint8Array;
	/** One row of label bytes per image: the class, or coarse and fine class. */
	readonly labels: Uint8Array;
	readonly size: number;
}

const pixels = 32 * 32;
const channels = 3;

/**
 * Reads the binary version of CIFAR: per image `labelBytes` labels, then 1,024 red, green and blue bytes in turn,
 * which become height × width × channels. `size` is the number of images that must be found; `file` names it in errors.
 */
export function readCifar(file: string, bytes: Uint8Array, labelBytes: 1 | 2, size: number): CifarImages {
	const record = labelBytes + pixels * channels;
	if (bytes.length !== size * record) {
		throw formatError(file, `expected ${size * record} bytes (${size} images of ${record}), found ${bytes.length}`);
	}
	const inputs = new Uint8Array(size * pixels * channels);
	const labels = new Uint8Array(size * labelBytes);
	for (let image = 0; image < size; image += 1) {
		const start = image * record;
		labels.set(bytes.subarray(start, start + labelBytes), image * labelBytes);
		interleave(bytes, start + labelBytes, inputs, image * pixels * channels);
	}
	return { inputs, labels, size };
}

function interleave(planes: Uint8Array, from: number, image: Uint8Array, to: number): void {
	for (let channel = 0; channel < channels; channel += 1) {
		const plane = from + channel * pixels;
		for (let pixel = 0; pixel < pixels; pixel += 1) {
			image[to + pixel * channels + channel] = planes[plane + pixel]!;
		}
	}
}
