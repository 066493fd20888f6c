import { z } from 'zod';
import type { Stream } from '../core/random.ts';
import { Transform, transform } from '../train/contracts/data.ts';
import { moved, type Outside } from '../train/move-image.ts';

const parameters = z
	.object({
		padding: z
			.int()
			.min(0)
			.default(4)
			.meta({ unit: 'pixels' })
			.describe('Added on every side before cropping to the old size.'),
		mode: z
			.enum(['zero', 'reflect'])
			.default('zero')
			.describe('What is added: zeros, or the image mirrored at its edge.'),
	})
	.describe('Pads the image and crops a window of its old size at random.');

/** Random crops of padded images. Per image it draws the vertical, then the horizontal offset, each 0 … 2 × padding. */
@transform('random_crop', parameters)
export class RandomCrop extends Transform {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override get portable(): object {
		return this.p;
	}

	override apply(inputs: Float32Array, count: number, shape: readonly number[], random: Stream): void {
		const { padding } = this.p;
		const mode: Outside = this.p.mode;
		moved('random_crop', inputs, count, shape, mode, () => [
			random.int(2 * padding + 1) - padding,
			random.int(2 * padding + 1) - padding,
		]);
	}
}
