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
		'70,000 articles of clothing of 28 × 28 grey pixels: 60,000 for training and validation, 10,000 for testing.',
	);

const names = [
	'T-shirt/top',
	'Trouser',
	'Pullover',
	'Dress',
	'Coat',
	'Sandal',
	'Shirt',
	'Sneaker',
	'Bag',
	'Ankle boot',
];
const pool = 60_000;

/** Fashion-MNIST (Xiao, Rasul & Vollgraf, 2017); the test split is that of its authors. */
@dataset('fashion_mnist', parameters)
export class FashionMnist extends Dataset {
	readonly spec: DataSpec;
	override readonly files = mnistFiles(
		[
			'https://fashion-mnist.s3.eu-central-1.amazonaws.com',
			'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
			'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion',
		],
		{
			trainImages: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
			trainLabels: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
			testImages: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
			testLabels: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
		},
	);

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		checkSizes('fashion_mnist', pool, p.valid_size, p);
		this.spec = {
			shape: [28, 28, 1],
			target: { type: 'class', classes: 10, names },
			units: imageUnits(p.normalise),
		};
	}

	async load({ dataDir }: LoadContext): Promise<Data> {
		const contents = readFiles('fashion_mnist', dataDir, this.files);
		const { valid_size: valid, split_seed: seed } = this.p;
		return imageData(
			{
				name: 'fashion_mnist',
				spec: this.spec,
				source: mnistSource(contents),
				index: splitIndex(join(dataDir, 'fashion_mnist'), { pool, valid, test: 0, fixedTest: 10_000, seed }),
				largest: 255,
				mean: [0.286],
				sd: [0.353],
				files: Object.fromEntries(this.files.map((file) => [file.name, file.sha256])),
			},
			this.p,
		);
	}
}
