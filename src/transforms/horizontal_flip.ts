import { z } from 'zod';
import type { Stream } from '../core/random.ts';
import { Transform, transform } from '../train/contracts/data.ts';
import { imageSize } from '../train/move-image.ts';

const parameters = z
	.object({ probability: z.number().min(0).max(1).default(0.5).describe('Of an image being mirrored.') })
	.describe('Mirrors the image left to right at random.');

/** Random mirroring. Draws one number per image, whatever the probability. */
@transform('horizontal_flip', parameters)
export class HorizontalFlip extends Transform {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override get portable(): object {
		return this.p;
	}

	override apply(inputs: Float32Array, count: number, shape: readonly number[], random: Stream): void {
		const [height, width, channels] = imageSize('horizontal_flip', shape);
		for (let image = 0; image < count; image += 1) {
			if (random.uniform() < this.p.probability) {
				for (let row = 0; row < height; row += 1) {
					flip(inputs, (image * height + row) * width * channels, width, channels);
				}
			}
		}
	}
}

function flip(inputs: Float32Array, start: number, width: number, channels: number): void {
	for (let left = 0, right = width - 1; left < right; left += 1, right -= 1) {
		for (let channel = 0; channel < channels; channel += 1) {
			const a = start + left * channels + channel;
			const b = start + right * channels + channel;
			const value = inputs[a]!;
			inputs[a] = inputs[b]!;
			inputs[b] = value;
		}
	}
}
