import { z } from 'zod';
import { Streams } from '../core/random.ts';
import { rowsOf } from '../core/rows.ts';
import { component } from '../registry/parameters.ts';
import {
	type Data,
	type DataSpec,
	Dataset,
	dataset,
	datasetKind,
	type Examples,
	type LoadContext,
} from '../train/contracts/data.ts';

const parameters = z
	.object({
		of: component(datasetKind).describe('The data set whose training split is drawn from.'),
		seed: z.int().min(0).default(0).describe('Which examples are drawn; independent of the training seed.'),
	})
	.describe('Another data set whose training split is resampled: as many examples, drawn with replacement.');

/**
 * The training split of another data set, as many examples drawn with replacement; validation and test stay as they are.
 * Models trained on several of them show how much results owe to the sample. Efron 1979. Stream `bootstrap` of its seed.
 */
@dataset('bootstrap', parameters)
export class Bootstrap extends Dataset {
	readonly spec: DataSpec;

	constructor(private readonly p: z.output<typeof parameters>) {
		super();
		this.spec = p.of.spec;
	}

	async load(context: LoadContext): Promise<Data> {
		const data = await this.p.of.load(context);
		const { train } = data.splits;
		const random = new Streams(this.p.seed).stream('bootstrap');
		const rows = Int32Array.from({ length: train.size }, () => random.int(train.size));
		const resampled = examplesAt(train, rows);
		const resample = { seed: this.p.seed, distinct: new Set(rows).size };
		return {
			...data,
			splits: { ...data.splits, train: resampled },
			resampled: true,
			provenance: { ...data.provenance, resample },
		};
	}
}

function examplesAt({ size, inputs, targets, ids }: Examples, rows: Int32Array): Examples {
	return {
		size: rows.length,
		inputs: rowsOf(inputs, rows, inputs.length / size),
		targets: rowsOf(targets, rows, targets.length / size),
		ids: rowsOf(ids, rows, 1),
	};
}
