import { z } from 'zod';
import type { Stream } from '../core/random.ts';
import { Transform, transform } from '../train/contracts/data.ts';
import { moved } from '../train/move-image.ts';

const parameters = z
	.object({
		vertical: z.int().min(0).default(1).meta({ unit: 'pixels' }).describe('Largest shift up or down.'),
		horizontal: z.int().min(0).default(1).meta({ unit: 'pixels' }).describe('Largest shift to the left or right.'),
	})
	.describe('Shifts the image by whole pixels at random; what comes in is zero.');

/** Random shifts. Per image it draws the vertical, then the horizontal shift, every whole number of pixels equally likely. */
@transform('shift', parameters)
export class Shift extends Transform {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override get portable(): object {
		return this.p;
	}

	override apply(inputs: Float32Array, count: number, shape: readonly number[], random: Stream): void {
		const { vertical, horizontal } = this.p;
		moved('shift', inputs, count, shape, 'zero', () => [
			random.int(2 * vertical + 1) - vertical,
			random.int(2 * horizontal + 1) - horizontal,
		]);
	}
}
