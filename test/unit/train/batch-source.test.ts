import test from 'ava';
import { Streams } from '../../../src/core/random.ts';
import { startEngine, stopEngine } from '../../../src/engine/backend.ts';
import { type BatchPlace, BatchSource } from '../../../src/train/batch-source.ts';
import { assemble, upload } from '../../../src/train/batches.ts';
import type { Data } from '../../../src/train/contracts/data.ts';
import type { LoopParts } from '../../../src/train/loop-parts.ts';
import { Cutout } from '../../../src/transforms/cutout.ts';
import { Noise } from '../../../src/transforms/noise.ts';
import { Anywhere, OnlyHere } from '../../fixtures/plugins/ahead.ts';
import { tiers } from '../engine/tiers.ts';

const span = { stepsPerEpoch: 4, nEpochs: 3 };
const places = (from: number, to = 12): BatchPlace[] =>
	Array.from({ length: to - from }, (_, i) => {
		const step = from + i;
		return { epoch: Math.floor(step / 4), batch: step % 4, step };
	});

for (const stored of ['bytes', 'floats'] as const) {
	test(`read ahead or not, begun anywhere, batches of ${stored} are the same`, async (t) => {
		const transforms = () => [new Noise({ sd: 0.1 }), new Cutout({ size: 2 }), new Anywhere({ by: 3, fails: false })];
		const here = await batches(partsOf(stored, transforms(), 0), places(0));
		for (const [prefetch, from] of [
			[1, 0],
			[3, 0],
			[2, 6],
		] as const) {
			const notices: string[] = [];
			t.deepEqual(await batches(partsOf(stored, transforms(), prefetch), places(from), notices), here.slice(from));
			t.deepEqual(notices, []);
		}
	});
}

test('a step that is passed over does not confuse those ahead', async (t) => {
	const wanted = places(0).filter(({ step }) => step !== 2 && step !== 5);
	const here = await batches(partsOf('bytes', [new Noise({ sd: 1 })], 0), wanted);
	t.deepEqual(await batches(partsOf('bytes', [new Noise({ sd: 1 })], 3), wanted), here);
});

test('a transform that does not say so stays in this thread, which is said once', async (t) => {
	const notices: string[] = [];
	const there = await batches(partsOf('bytes', [new OnlyHere()], 2), places(0), notices);
	t.deepEqual(there, await batches(partsOf('bytes', [new OnlyHere()], 0), places(0)));
	t.is(notices.length, 1);
	t.regex(notices[0]!, /the transform only_here does not say/u);
});

test('an error in the thread comes with its stack and the batch', async (t) => {
	const source = new BatchSource(partsOf('bytes', [new Anywhere({ by: 1, fails: true })], 2), span, () => {});
	// The first is made here; the next one is ahead.
	await t.throwsAsync(async () => source.get(places(4)[0]!), { message: 'no such picture' });
	const error = await t.throwsAsync(async () => source.get(places(5)[0]!), { code: 'batch.failed' });
	t.regex(error!.message, /^Epoch 1, batch 1 \(step 5\)[\s\S]*RangeError: no such picture\n +at .*ahead\.ts/u);
	await source.close();
});

test('bytes by table are what the arithmetic in float32 gives', (t) => {
	const { data, streams } = partsOf('bytes', [], 0);
	const { mean, sd, scale } = data.preprocessing;
	const rows = Int32Array.of(3, 1, 7);
	const inputs = assemble(data, 'train', rows, undefined, streams).inputs as Float32Array;
	const slow = new Float32Array(inputs.length);
	for (let i = 0; i < slow.length; i += 1) {
		const byte = data.splits.train.inputs[rows[Math.floor(i / 48)]! * 48 + (i % 48)]!;
		slow[i] = Math.fround((Math.fround(byte * scale) - mean[i % 3]!) / sd[i % 3]!);
	}
	t.deepEqual(inputs, slow);
});

for (const { name, backend, threads } of tiers)
	for (const stored of ['bytes', 'floats'] as const) {
		test.serial(`${name}: ${stored} that become inputs on the device are those made here`, async (t) => {
			const { data, streams } = partsOf(stored, [], 0);
			const rows = Int32Array.of(3, 1, 7);
			const here = assemble(data, 'train', rows, undefined, streams);
			await startEngine({ backend, threads });
			const there = assemble(data, 'train', rows, undefined, streams);
			t.false(there.inputs instanceof Float32Array);
			const [one, other] = [upload(data, here), upload(data, there)];
			t.deepEqual(other.inputs.shape, one.inputs.shape);
			t.deepEqual(other.inputs.dataSync(), one.inputs.dataSync());
			await stopEngine();
		});
	}

async function batches(parts: LoopParts, wanted: readonly BatchPlace[], notices: string[] = []) {
	const source = new BatchSource(parts, span, (text) => notices.push(text));
	const found: object[] = [];
	for (const place of wanted) {
		const { inputs, targets, ids, size } = await source.get(place);
		found.push({ inputs: (inputs as Float32Array).slice(), targets, ids, size });
	}
	await source.close();
	return found;
}

function partsOf(stored: 'bytes' | 'floats', transforms: Data['transforms'], prefetch: number): LoopParts {
	const random = new Streams(4).stream('pictures');
	const size = 30;
	const values = Array.from({ length: size * 48 }, () => random.int(256));
	const ids = Int32Array.from({ length: size }, (_, i) => i);
	const inputs = stored === 'bytes' ? Uint8Array.from(values) : Float32Array.from(values, (value) => value / 7);
	const split = { size, inputs, ids, targets: ids.map((id) => id % 3) };
	const data: Data = {
		spec: { shape: [4, 4, 3], target: { type: 'class', classes: 3 }, units: 'none' },
		splits: { train: split, valid: split, test: split },
		preprocessing: { scale: 1 / 255, mean: [0.4, 0.5, 0.6], sd: [0.2, 0.3, 0.7] },
		transforms,
		provenance: {},
	};
	return { data, streams: new Streams(9), shuffle: true, batchSize: 8, prefetch } as unknown as LoopParts;
}
