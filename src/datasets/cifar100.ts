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
		'60,000 colour photographs of 32 × 32 pixels in 100 classes: 50,000 for training and validation, 10,000 for testing.',
	);

const archive = 'cifar-100-binary.tar.gz';
const pool = 50_000;
const layout = {
	labelBytes: 2,
	train: ['train.bin'],
	test: 'test.bin',
	trainSize: pool,
	testSize: 10_000,
} as const;

/** CIFAR-100, binary version (Krizhevsky, 2009), with its 100 fine classes; the test split is that of its author. */
@dataset('cifar100', parameters)
export class Cifar100 extends Dataset {
	readonly spec: DataSpec;
	override readonly files = [
		{
			name: archive,
			sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
			bytes: 168_513_733,
			mirrors: [`https://www.cs.toronto.edu/~kriz/${archive}`, `https://cave.cs.toronto.edu/kriz/${archive}`],
		},
	];

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		checkSizes('cifar100', pool, p.valid_size, p);
		this.spec = {
			shape: [32, 32, 3],
			target: { type: 'class', classes: 100 },
			units: imageUnits(p.normalise),
		};
	}

	async load({ dataDir }: LoadContext): Promise<Data> {
		const [file] = this.files;
		const contents = readFiles('cifar100', dataDir, this.files);
		const folder = join(dataDir, 'cifar100');
		const { valid_size: valid, split_seed: seed } = this.p;
		return imageData(
			{
				name: 'cifar100',
				spec: this.spec,
				source: cachedCifarSource(folder, file!, contents.get(file!.name)!, layout),
				index: splitIndex(folder, { pool, valid, test: 0, fixedTest: 10_000, seed }),
				largest: 255,
				mean: [0.5071, 0.4865, 0.4409],
				sd: [0.2673, 0.2564, 0.2762],
				files: Object.fromEntries(this.files.map((file) => [file.name, file.sha256])),
			},
			this.p,
		);
	}
}
