import { UsageError } from '../core/errors.ts';
import type { DataSpec } from './contracts/data.ts';

/** How many outputs a model for such data has: one per class, or one per value. */
export function outputUnits(spec: DataSpec): number {
	return spec.target.type === 'class' ? spec.target.classes : spec.target.shape.reduce((size, side) => size * side, 1);
}

/** The image size, or an error: `model` needs `[height, width, channels]` of at least `smallest` pixels a side. */
export function imageShape(model: string, spec: DataSpec, smallest: number): readonly [number, number, number] {
	const [height, width, channels] = spec.shape;
	if (spec.shape.length !== 3 || height === undefined || width === undefined || channels === undefined) {
		throw new UsageError(
			'model.shape',
			`${model} needs images [height, width, channels]; these data have the shape [${spec.shape.join(', ')}].`,
		);
	}
	if (Math.min(height, width) < smallest) {
		throw new UsageError(
			'model.too_small',
			`${model} needs images of at least ${smallest}×${smallest} pixels; these are ${height}×${width}.`,
		);
	}
	return [height, width, channels];
}
