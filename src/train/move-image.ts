import { UsageError } from '../core/errors.ts';

/** What lies outside an image: zeros, or the image mirrored at its edge (the edge pixel itself not repeated). */
export type Outside = 'zero' | 'reflect';

/** Height, width and channels of an image; `name` is the transform that cannot work on anything else. */
export function imageSize(name: string, shape: readonly number[]): readonly [number, number, number] {
	if (shape.length !== 3) {
		throw new UsageError(
			'transform.shape',
			`${name} works on images of shape [height, width, channels], not on inputs of shape [${shape.join(', ')}].`,
		);
	}
	return shape as unknown as readonly [number, number, number];
}

/** Moves every image in place: pixel (row, column) becomes the old one at (row + down, column + right) of `draw()`. */
export function moved(
	name: string,
	inputs: Float32Array,
	count: number,
	shape: readonly number[],
	outside: Outside,
	draw: () => readonly [down: number, right: number],
): void {
	const [height, width, channels] = imageSize(name, shape);
	const size = height * width * channels;
	const old = new Float32Array(size);
	for (let image = 0; image < count; image += 1) {
		const target = inputs.subarray(image * size, (image + 1) * size);
		old.set(target);
		const [down, right] = draw();
		const columns = Int32Array.from({ length: width }, (_, column) => inside(column + right, width, outside));
		for (let row = 0; row < height; row += 1) {
			moveRow(target, row, old, inside(row + down, height, outside), columns, channels);
		}
	}
}

function moveRow(
	target: Float32Array,
	row: number,
	old: Float32Array,
	from: number,
	columns: Int32Array,
	channels: number,
): void {
	const width = columns.length;
	for (let column = 0; column < width; column += 1) {
		const source = columns[column]!;
		for (let channel = 0; channel < channels; channel += 1) {
			target[(row * width + column) * channels + channel] =
				from < 0 || source < 0 ? 0 : old[(from * width + source) * channels + channel]!;
		}
	}
}

// The position in the image, or -1 for a zero.
function inside(at: number, size: number, outside: Outside): number {
	if (at >= 0 && at < size) {
		return at;
	}
	if (outside === 'zero') {
		return -1;
	}
	const period = Math.max(1, 2 * (size - 1));
	const position = ((at % period) + period) % period;
	return position < size ? position : period - position;
}
