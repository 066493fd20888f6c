import test from 'ava';
import { Streams } from '../../../src/core/random.ts';
import '../../../src/datasets/blobs.ts';
import '../../../src/datasets/bootstrap.ts';
import { declared } from '../../../src/registry/registry.ts';
import type { Data, Dataset } from '../../../src/train/contracts/data.ts';

function make(name: string, values: Record<string, unknown>): Dataset {
	const { parameters, target } = declared.get(name, 'dataset');
	return new target(parameters.parse(values)) as Dataset;
}

const blobs = () => make('blobs', { n: 300, shape: [2] });
const load = (dataset: Dataset): Promise<Data> => dataset.load({ dataDir: '/nowhere', streams: new Streams(1) });
const resampled = (seed: number) => load(make('bootstrap', { of: blobs(), seed }));

test('as many examples are drawn with replacement, whole ones, and of training only', async (t) => {
	const [data, source] = [await resampled(3), await load(blobs())];
	const { train } = data.splits;
	t.is(train.size, source.splits.train.size);
	t.is(train.inputs.length, train.size * 2);
	// A share of 1 - 1/e of the examples is expected to be there.
	const share = new Set(train.ids).size / train.size;
	t.true(share > 0.53 && share < 0.73, String(share));
	train.ids.forEach((id, i) => {
		const row = source.splits.train.ids.indexOf(id);
		t.deepEqual(train.inputs.slice(2 * i, 2 * i + 2), source.splits.train.inputs.slice(2 * row, 2 * row + 2));
		t.is(train.targets[i], source.splits.train.targets[row]);
	});
	t.deepEqual(data.splits.valid, source.splits.valid);
	t.deepEqual(data.splits.test, source.splits.test);
});

test('the seed decides which, and the record tells', async (t) => {
	const [a, again, b] = [await resampled(3), await resampled(3), await resampled(4)];
	t.deepEqual(again.splits.train, a.splits.train);
	t.notDeepEqual(b.splits.train.ids, a.splits.train.ids);
	const record = a.provenance['resample'] as Record<string, unknown>;
	t.is(record['distinct'], new Set(a.splits.train.ids).size);
	t.deepEqual(again.provenance, a.provenance);
	t.notDeepEqual(b.provenance, a.provenance);
});
