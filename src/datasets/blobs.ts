import { z } from 'zod';
import { Streams } from '../core/random.ts';
import { divide } from '../data/source.ts';
import { drawSplit } from '../data/split.ts';
import { component } from '../registry/parameters.ts';
import { type Data, type DataSpec, Dataset, dataset, transformKind } from '../train/contracts/data.ts';
import { checkSizes } from '../train/dataset-parameters.ts';

const parameters = z
	.object({
		n: z
			.int()
			.min(3)
			.default(1000)
			.meta({ unit: 'examples' })
			.describe('Examples in all, as many of each class as possible.'),
		classes: z.int().min(2).default(4).describe('Number of classes, each one Gaussian blob.'),
		shape: z.array(z.int().min(1)).min(1).default([8]).describe('Shape of an input.'),
		sd: z
			.number()
			.gt(0)
			.default(1)
			.describe('Standard deviation of a blob; the centres are standard normal, times `spread`.'),
		spread: z.number().gt(0).default(3).describe('Standard deviation of the centres.'),
		valid_fraction: z.number().gt(0).lt(1).default(0.15).describe('Share of the examples for validation.'),
		test_fraction: z.number().gt(0).lt(1).default(0.15).describe('Share of the examples for testing.'),
		seed: z.int().min(0).default(0).describe('Of centres, noise and division; independent of the training seed.'),
		transforms: z
			.array(component(transformKind))
			.default([])
			.describe('Augmentations of training inputs, in this order.'),
	})
	.describe('Synthetic classes: isotropic Gaussian blobs around random centres.');

/** Isotropic Gaussian blobs, class `i % classes` at example `i`; streams `centres`, `noise` and `split` of its own seed. */
@dataset('blobs', parameters)
export class Blobs extends Dataset {
	readonly spec: DataSpec;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		checkSizes('blobs', p.n, this.#taken().valid + this.#taken().test, { train_limit: null });
		this.spec = {
			shape: p.shape,
			target: { type: 'class', classes: p.classes },
			units: 'arbitrary',
		};
	}

	async load(): Promise<Data> {
		const { n, classes, shape, seed } = this.p;
		const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
		const width = shape.reduce((a, b) => a * b, 1);
		const index = drawSplit({ pool: n, ...this.#taken(), fixedTest: 0, seed });
		return {
			spec: this.spec,
			splits: divide({ inputs: this.#inputs(labels, width), labels, width }, index),
			preprocessing: { scale: 1, mean: [0], sd: [1] },
			transforms: this.p.transforms,
			provenance: {
				generated: { n, classes, shape, sd: this.p.sd, spread: this.p.spread, seed },
				split: { sha256: index.sha256 },
			},
		};
	}

	#taken() {
		const { n, valid_fraction, test_fraction } = this.p;
		return { valid: Math.max(1, Math.round(n * valid_fraction)), test: Math.max(1, Math.round(n * test_fraction)) };
	}

	#inputs(labels: Int32Array, width: number): Float32Array {
		const { classes, sd, spread, seed } = this.p;
		const streams = new Streams(seed);
		const centre = streams.stream('centres');
		const centres = Float64Array.from({ length: classes * width }, () => centre.normal() * spread);
		const noise = streams.stream('noise');
		return Float32Array.from(
			{ length: labels.length * width },
			(_, i) => centres[labels[Math.floor(i / width)]! * width + (i % width)]! + noise.normal() * sd,
		);
	}
}
