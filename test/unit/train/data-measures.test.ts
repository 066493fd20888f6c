import test, { type ExecutionContext } from 'ava';
import { GimletError } from '../../../src/core/errors.ts';
import type { Data, Examples } from '../../../src/train/contracts/data.ts';
import { contentHashes } from '../../../src/train/data-content.ts';
import { checkData, oddities } from '../../../src/train/data-measures.ts';

const sizes = { train: 6, valid: 3, test: 3 };
const first = { train: 0, valid: 6, test: 9 };

/** Sound data of two features and three classes, with one split changed. */
function data(change: Partial<Examples> = {}, more: Partial<Data> = {}): Data {
	const make = (name: keyof typeof sizes): Examples => ({
		size: sizes[name],
		inputs: Float32Array.from({ length: 2 * sizes[name] }, (_, at) => Math.sin(at + first[name])),
		targets: Int32Array.from({ length: sizes[name] }, (_, at) => at % 3),
		ids: Int32Array.from({ length: sizes[name] }, (_, at) => first[name] + at),
		...(name === 'train' ? change : {}),
	});
	return {
		spec: { shape: [2], target: { type: 'class', classes: 3 }, units: '' },
		splits: { train: make('train'), valid: make('valid'), test: make('test') },
		preprocessing: { scale: 1, mean: [0], sd: [1] },
		transforms: [],
		provenance: {},
		...more,
	};
}

const values = (...shape: number[]) => ({
	spec: { shape: [2], target: { type: 'values', shape } as const, units: '' },
});

function refused(t: ExecutionContext, one: Data, pattern: RegExp): void {
	t.throws(() => checkData(one), { instanceOf: GimletError, message: pattern });
}

test('sound data are taken: bytes, values, classes as floats', (t) => {
	t.notThrows(() => checkData(data()));
	t.notThrows(() => checkData(data({ inputs: new Uint8Array(12) })));
	t.notThrows(() => checkData(data({ targets: Float32Array.from([0, 1, 2, 0, 1, 2]) })));
	t.notThrows(() => checkData({ ...data(), ...values(), splits: data().splits }));
	t.deepEqual(oddities(data()), { grave: [], slight: [] });
});

test('arrays of another length than size and shape make are refused with both numbers', (t) => {
	refused(
		t,
		data({ targets: new Int32Array(5) }),
		/train split has 5 values in targets; 6 examples of one class make 6/u,
	);
	refused(t, data({ inputs: new Float32Array(11) }), /11 values in inputs; 6 examples of \[2\] make 12/u);
	refused(t, data({ inputs: new Float32Array(13) }), /13 values in inputs/u);
	refused(t, data({ ids: new Int32Array(7) }), /7 values in ids/u);
	refused(t, data({ size: 5.5 }), /size of the train split is 5\.5/u);
	refused(t, data({ targets: [0, 1, 2, 0, 1, 2] as never }), /targets of the train split are no typed array/u);
	refused(t, data({}, values(2)), /6 values in targets; 6 examples of \[2\] make 12/u);
	refused(t, data({ size: 0, inputs: new Float32Array(), targets: new Int32Array(), ids: new Int32Array() }), /empty/u);
});

test('labels are classes: whole numbers within their range', (t) => {
	for (const label of [0.7, 3, -1, Number.NaN]) {
		refused(t, data({ targets: Float32Array.from([0, 1, 2, label, 1, 2]) }), /the label .* \(example 3\); .* 0 to 2/u);
	}
});

test('no example is in two splits, and nothing is divided by 0', (t) => {
	refused(t, data({ ids: Int32Array.from([0, 1, 2, 3, 4, 6]) }), /Example 6 stands in two splits/u);
	const preprocessing = (sd: number[], mean = sd.map(() => 0), scale = 1) => ({ preprocessing: { scale, mean, sd } });
	refused(t, data({}, preprocessing([1, 0])), /sd of channel 1 is 0/u);
	refused(t, data({}, preprocessing([Number.NaN])), /sd of channel 0 is NaN/u);
	refused(t, data({}, preprocessing([1, 1, 1])), /3 deviations/u);
	refused(t, data({}, preprocessing([1], [0], Number.POSITIVE_INFINITY)), /scale Infinity/u);
});

test('numbers that are not finite are grave, unless they stand for missing ones', (t) => {
	const inputs = Float32Array.from([0, 1, 2, 3, Number.NaN, 5, 6, 7, Number.POSITIVE_INFINITY, 9, 10, 11]);
	t.regex(oddities(data({ inputs })).grave[0]!, /^2 of 12 inputs of the train split .* first \(NaN\) in example 2/u);
	const targets = Float32Array.from([0, 1, 2, 3, Number.NEGATIVE_INFINITY, 5]);
	t.regex(oddities(data({ targets }, values())).grave[0]!, /^1 of 6 targets .* \(-Infinity\) in example 4/u);
	t.deepEqual(oddities(data({ inputs }, { missing: true })).grave, []);
});

test('what is constant is said, but not of images', (t) => {
	const inputs = Float32Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? 4 : at));
	t.regex(oddities(data({ inputs })).slight.join(), /^1 of 2 features are the same in all .* \(column 0\)\.$/u);
	t.regex(oddities(data({ targets: Int32Array.from({ length: 6 }, () => 2) })).slight.join(), /are of class 2/u);
	t.regex(oddities(data({ targets: new Float32Array(6) }, values())).slight.join(), /targets .* constant/u);
	const spec = { shape: [1, 2, 1], target: { type: 'class', classes: 3 } as const, units: '' };
	t.deepEqual(oddities(data({ inputs }, { spec })).slight, []);
});

test('the hash of what was loaded changes with every value, its type and its split', async (t) => {
	const all = [
		data(),
		data({ inputs: Float32Array.from(data().splits.train.inputs, (value, at) => (at === 11 ? value + 1e-6 : value)) }),
		data({ targets: Int32Array.from([0, 1, 2, 0, 1, 1]) }),
		data({ targets: Float32Array.from([0, 1, 2, 0, 1, 2]) }),
	];
	const hashes = await Promise.all(all.map(contentHashes));
	t.is(new Set(hashes.map(({ train }) => train)).size, 4);
	t.is(new Set(hashes.map(({ valid }) => valid)).size, 1);
	t.deepEqual(await contentHashes(data()), hashes[0]);
	const shared = new Float32Array(new SharedArrayBuffer(48));
	shared.set(data().splits.train.inputs);
	t.is((await contentHashes(data({ inputs: shared }))).train, hashes[0]!.train);
	// Longer than one piece: 16 MiB.
	const long = new Uint8Array(2 ** 24 + 9);
	const before = await contentHashes(data({ inputs: long }));
	long[2 ** 24 + 8] = 1;
	t.not((await contentHashes(data({ inputs: long }))).train, before.train);
});
