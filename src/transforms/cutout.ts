import { z } from 'zod';
import type { Stream } from '../core/random.ts';
import { Transform, transform } from '../train/contracts/data.ts';
import { imageSize } from '../train/move-image.ts';

const parameters = z
	.object({ size: z.int().min(1).default(8).meta({ unit: 'pixels' }).describe('Side of the square.') })
	.describe('Sets a square at a random place to zero; it may reach over the edge.');

/** Cutout (DeVries & Taylor, 2017). Per image it draws the row, then the column of the centre. */
@transform('cutout', parameters)
export class Cutout extends Transform {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override get portable(): object {
		return this.p;
	}

	override apply(inputs: Float32Array, count: number, shape: readonly number[], random: Stream): void {
		const [height, width, channels] = imageSize('cutout', shape);
		const { size } = this.p;
		for (let image = 0; image < count; image += 1) {
			const top = random.int(height) - Math.floor(size / 2);
			const left = random.int(width) - Math.floor(size / 2);
			const [from, to] = [Math.max(0, left), Math.min(width, left + size)];
			for (let row = Math.max(0, top); row < Math.min(height, top + size); row += 1) {
				const start = (image * height + row) * width;
				inputs.fill(0, (start + from) * channels, (start + to) * channels);
			}
		}
	}
}
