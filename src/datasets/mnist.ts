import { join } from 'node:path';
import { z } from 'zod';
import { readFiles } from '../data/files.ts';
import { splitIndex } from '../data/split.ts';
import { type Data, type DataSpec, Dataset, dataset, type LoadContext } from '../train/contracts/data.ts';
import { checkSizes, imageParameters } from '../train/dataset-parameters.ts';
import { imageData, imageUnits } from '../train/image-data.ts';
import { mnistFiles, mnistSource } from '../train/mnist-files.ts';

const parameters = z
	.object(imageParameters(5000))
	.describe(
		'70,000 handwritten digits of 28 × 28 grey pixels: 60,000 for training and validation, 10,000 for testing.',
	);

const names = [...'0123456789'];
const pool = 60_000;

/** The MNIST database of handwritten digits (LeCun, Cortes & Burges, 1998); the test split is that of its authors. */
@dataset('mnist', parameters)
export class Mnist extends Dataset {
	readonly spec: DataSpec;
	override readonly files = mnistFiles(
		[
			'https://storage.googleapis.com/cvdf-datasets/mnist',
			'https://ossci-datasets.s3.amazonaws.com/mnist',
			'http://yann.lecun.com/exdb/mnist',
		],
		{
			trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
			trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
			testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
			testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
		},
	);

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		checkSizes('mnist', pool, p.valid_size, p);
		this.spec = {
			shape: [28, 28, 1],
			target: { type: 'class', classes: 10, names },
			units: imageUnits(p.normalise),
		};
	}

	async load({ dataDir }: LoadContext): Promise<Data> {
		const contents = readFiles('mnist', dataDir, this.files);
		const { valid_size: valid, split_seed: seed } = this.p;
		return imageData(
			{
				name: 'mnist',
				spec: this.spec,
				source: mnistSource(contents),
				index: splitIndex(join(dataDir, 'mnist'), { pool, valid, test: 0, fixedTest: 10_000, seed }),
				largest: 255,
				mean: [0.1307],
				sd: [0.3081],
				files: Object.fromEntries(this.files.map((file) => [file.name, file.sha256])),
			},
			this.p,
		);
	}
}
