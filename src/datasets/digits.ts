import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { digitsSha256, readDigits } from '../data/digits.ts';
import { splitIndex } from '../data/split.ts';
import { type Data, type DataSpec, Dataset, dataset } from '../train/contracts/data.ts';
import { checkSizes, imageParameters } from '../train/dataset-parameters.ts';
import { imageData, imageUnits } from '../train/image-data.ts';

const parameters = z
	.object({
		...imageParameters(300),
		test_size: z
			.int()
			.min(1)
			.default(300)
			.meta({ unit: 'examples' })
			.describe('Examples set aside for testing, by the same index.'),
	})
	.describe('1,797 handwritten digits of 8 × 8 pixels in 17 shades, in the repository: nothing to prepare.');

const folder = fileURLToPath(new URL('./digits', import.meta.url));
const images = 1797;

/** Test part of "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak, UCI, 1998), as scikit-learn ships it. */
@dataset('digits', parameters)
export class Digits extends Dataset {
	readonly spec: DataSpec;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		checkSizes('digits', images, p.valid_size + p.test_size, p);
		this.spec = {
			shape: [8, 8, 1],
			target: { type: 'class', classes: 10, names: [...'0123456789'] },
			units: imageUnits(p.normalise),
		};
	}

	async load(): Promise<Data> {
		const { valid_size: valid, test_size: test, split_seed: seed } = this.p;
		const file = `${folder}/digits.csv.gz`;
		const { inputs, labels } = readDigits(file, readFileSync(file));
		// An index other than the default one is drawn anew each time: it must not change the repository.
		const index = splitIndex(folder, { pool: images, valid, test, fixedTest: 0, seed }, false);
		return imageData(
			{
				name: 'digits',
				spec: this.spec,
				source: { inputs, labels, width: 64 },
				index,
				largest: 16,
				mean: [0.3056],
				sd: [0.3759],
				files: { 'digits.csv.gz': digitsSha256 },
			},
			this.p,
		);
	}
}
