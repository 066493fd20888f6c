import { z } from 'zod';
import type { Stream } from '../core/random.ts';
import { Transform, transform } from '../train/contracts/data.ts';

const parameters = z
	.object({
		sd: z.number().min(0).default(0.05).describe('Standard deviation, in units of the scaled input (0..1 for images).'),
	})
	.describe('Adds independent Gaussian noise to every value.');

/** Gaussian noise. Draws one normal per value, in the order of storage; values are not clipped. */
@transform('noise', parameters)
export class Noise extends Transform {
	constructor(private readonly p: z.output<typeof parameters>) {
		super();
	}

	override get portable(): object {
		return this.p;
	}

	override apply(inputs: Float32Array, count: number, shape: readonly number[], random: Stream): void {
		const length = count * shape.reduce((a, b) => a * b, 1);
		for (let i = 0; i < length; i += 1) {
			inputs[i] = inputs[i]! + this.p.sd * random.normal();
		}
	}
}
