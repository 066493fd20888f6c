import test from 'ava';
import { Streams } from '../../../src/core/random.ts';
import { sha256 } from '../../../src/data/digest.ts';
import { classCounts } from '../../../src/data/source.ts';
import '../../../src/datasets/blobs.ts';
import '../../../src/datasets/digits.ts';
import { declared } from '../../../src/registry/registry.ts';
import type { Data, Dataset } from '../../../src/train/contracts/data.ts';

function make(name: string, values: Record<string, unknown> = {}): Dataset {
	const { parameters, target } = declared.get(name, 'dataset');
	return new target(parameters.parse(values)) as Dataset;
}

const load = (name: string, values?: Record<string, unknown>): Promise<Data> =>
	make(name, values).load({ dataDir: '/nowhere', streams: new Streams(1) });

const ids = ({ splits }: Data): number[] => [...splits.train.ids, ...splits.valid.ids, ...splits.test.ids];

const content = ({ splits }: Data): string =>
	sha256(Buffer.concat(Object.values(splits).map(({ inputs }) => Buffer.from(inputs.buffer))));

for (const [name, size] of [
	['digits', 1797],
	['blobs', 1000],
] as const) {
	test(`${name}: every example is in exactly one split`, async (t) => {
		const data = await load(name);
		t.deepEqual(
			ids(data).sort((a, b) => a - b),
			Array.from({ length: size }, (_, i) => i),
		);
		for (const { size, inputs, targets, ids } of Object.values(data.splits)) {
			t.is(inputs.length, size * data.spec.shape.reduce((a, b) => a * b, 1));
			t.is(targets.length, size);
			t.is(ids.length, size);
		}
	});
}

test('digits: sizes, classes and the values of the first image', async (t) => {
	const data = await load('digits');
	t.deepEqual([data.splits.train.size, data.splits.valid.size, data.splits.test.size], [1197, 300, 300]);
	const counts = Object.values(data.splits).map(({ targets }) => classCounts(targets, 10));
	// As counted over the published file.
	t.deepEqual(
		counts[0]!.map((n, i) => n + counts[1]![i]! + counts[2]![i]!),
		[178, 182, 177, 183, 181, 182, 181, 179, 174, 180],
	);
	const split = Object.values(data.splits).find(({ ids }) => ids.includes(0))!;
	const row = split.ids.indexOf(0);
	t.deepEqual([...split.inputs.subarray(row * 64, row * 64 + 8)], [0, 0, 5, 13, 9, 1, 0, 0]);
	t.is(split.targets[row], 0);
});

test('digits: the documented mean and sd are those of the training split', async (t) => {
	const { splits, preprocessing } = await load('digits');
	const values = [...splits.train.inputs].map((value) => value * preprocessing.scale);
	const mean = values.reduce((a, b) => a + b, 0) / values.length;
	const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
	t.true(Math.abs(mean - preprocessing.mean[0]!) < 5e-5);
	t.true(Math.abs(sd - preprocessing.sd[0]!) < 5e-5);
});

test('digits: another split seed divides otherwise', async (t) => {
	const [a, b] = [await load('digits'), await load('digits', { split_seed: 1 })];
	t.notDeepEqual(a.splits.test.ids, b.splits.test.ids);
	t.is(b.splits.train.size, 1197);
});

test('digits: a limit is applied only when asked for, and recorded', async (t) => {
	const data = await load('digits', { train_limit: 5 });
	t.is(data.splits.train.size, 5);
	t.is(data.splits.valid.size, 300);
	t.is(data.provenance['train_limit'], 5);
});

test('sizes that leave nothing to train on are refused before loading', (t) => {
	t.throws(() => make('digits', { valid_size: 1497 }), { message: /leaves none/ });
	t.throws(() => make('digits', { train_limit: 1198 }), { message: /has 1197 examples/ });
	t.throws(() => make('blobs', { valid_fraction: 0.6, test_fraction: 0.5 }), { message: /leaves none/ });
});

test('blobs: the same seed gives the same bytes, another does not', async (t) => {
	const same = [await load('blobs'), await load('blobs')].map(content);
	t.is(same[0], same[1]);
	t.not(content(await load('blobs', { seed: 1 })), same[0]);
});

test('blobs: classes have their own centres and the requested spread', async (t) => {
	const { splits } = await load('blobs', { n: 4000, classes: 2, shape: [1], sd: 0.5, spread: 20 });
	const { inputs, targets } = splits.train;
	for (const label of [0, 1]) {
		const values = [...inputs].filter((_, i) => targets[i] === label);
		const mean = values.reduce((a, b) => a + b, 0) / values.length;
		const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
		t.true(Math.abs(sd - 0.5) < 0.05, `${sd}`);
	}
});
