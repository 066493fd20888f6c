import { join } from 'node:path';
import { z } from 'zod';
import { cachedCifarSource } from '../data/cifar-cache.ts';
import { readFiles } from '../data/files.ts';
import { splitIndex } from '../data/split.ts';
import { type Data, type DataSpec, Dataset, dataset, type LoadContext } from '../train/contracts/data.ts';
import { checkSizes, imageParameters } from '../train/dataset-parameters.ts';
import { imageData, imageUnits } from '../train/image-data.ts';

const parameters = z
	.object(imageParameters(5000))
	.describe(
		'60,000 colour photographs of 32 × 32 pixels in 10 classes: 50,000 for training and validation, 10,000 for testing.',
	);

const archive = 'cifar-10-binary.tar.gz';
const pool = 50_000;
const layout = {
	labelBytes: 1,
	train: ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin'],
	test: 'test_batch.bin',
	trainSize: pool,
	testSize: 10_000,
} as const;

/** CIFAR-10, binary version (Krizhevsky, 2009); the test split is that of its author. */
@dataset('cifar10', parameters)
export class Cifar10 extends Dataset {
	readonly spec: DataSpec;
	override readonly files = [
		{
			name: archive,
			sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
			bytes: 170_052_171,
			mirrors: [`https://www.cs.toronto.edu/~kriz/${archive}`, `https://cave.cs.toronto.edu/kriz/${archive}`],
		},
	];

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		checkSizes('cifar10', pool, p.valid_size, p);
		this.spec = {
			shape: [32, 32, 3],
			target: {
				type: 'class',
				classes: 10,
				names: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
			},
			units: imageUnits(p.normalise),
		};
	}

	async load({ dataDir }: LoadContext): Promise<Data> {
		const [file] = this.files;
		const contents = readFiles('cifar10', dataDir, this.files);
		const folder = join(dataDir, 'cifar10');
		const { valid_size: valid, split_seed: seed } = this.p;
		return imageData(
			{
				name: 'cifar10',
				spec: this.spec,
				source: cachedCifarSource(folder, file!, contents.get(file!.name)!, layout),
				index: splitIndex(folder, { pool, valid, test: 0, fixedTest: 10_000, seed }),
				largest: 255,
				mean: [0.4914, 0.4822, 0.4465],
				sd: [0.247, 0.2435, 0.2616],
				files: Object.fromEntries(this.files.map((file) => [file.name, file.sha256])),
			},
			this.p,
		);
	}
}
