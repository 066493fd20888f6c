import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { readCifar } from '../../../src/data/cifar.ts';
import { cifarSource } from '../../../src/data/cifar-archive.ts';
import { cachedCifarSource } from '../../../src/data/cifar-cache.ts';
import { sha256 } from '../../../src/data/digest.ts';
import { checkLabels } from '../../../src/data/source.ts';
import { onDurableStep } from '../../../src/files/atomic.ts';
import { cifarFile, pixel } from '../../fixtures/data/cifar.ts';
import { tar } from '../../fixtures/data/tar.ts';

const ten = { labelBytes: 1, train: ['one.bin', 'two.bin'], test: 'test.bin', trainSize: 4, testSize: 1 } as const;
const hundred = { labelBytes: 2, train: ['train.bin'], test: 'test.bin', trainSize: 3, testSize: 2 } as const;

const tenMembers = {
	'batches/one.bin': cifarFile([[3], [9]]),
	'batches/readme.html': Buffer.from('hello'),
	'batches/two.bin': cifarFile([[0], [5]], 2),
	'batches/test.bin': cifarFile([[7]], 4),
};
// Coarse class, then fine class.
const hundredMembers = {
	'train.bin': cifarFile([
		[1, 99],
		[19, 0],
		[5, 42],
	]),
	'test.bin': cifarFile(
		[
			[2, 10],
			[3, 11],
		],
		3,
	),
};

// Height, width, channels, and every value where it belongs.
function expected(images: number): number[] {
	const values: number[] = [];
	for (let image = 0; image < images; image += 1) {
		for (let row = 0; row < 32; row += 1) {
			for (let column = 0; column < 32; column += 1) {
				values.push(...[0, 1, 2].map((colour) => pixel(image, colour, row, column)));
			}
		}
	}
	return values;
}

for (const [form, pack] of [
	['tar', (bytes: Buffer) => bytes],
	['tar.gz', gzipSync],
] as const) {
	test(`ten classes from a ${form}: planes become channels, files follow each other, test last`, (t) => {
		const { inputs, labels, width } = cifarSource('a', pack(tar(tenMembers)), ten);
		t.is(width, 3072);
		t.deepEqual([...labels], [3, 9, 0, 5, 7]);
		t.deepEqual([...inputs], expected(5));
	});
}

test('a hundred classes: the second label is the class', (t) => {
	const { inputs, labels } = cifarSource('a', tar(hundredMembers), hundred);
	t.deepEqual([...labels], [99, 0, 42, 10, 11]);
	t.deepEqual([...inputs], expected(5));
});

test('a file keeps both labels of an image', (t) => {
	t.deepEqual([...readCifar('a', hundredMembers['train.bin'], 2, 3).labels], [1, 99, 19, 0, 5, 42]);
});

test('truncated, too long, and missing files are named', (t) => {
	const file = cifarFile([[1], [2]]);
	t.throws(() => readCifar('f.bin', file.subarray(1), 1, 2), { message: /f\.bin .*expected 6146 bytes.*found 6145/ });
	t.throws(() => readCifar('f.bin', Buffer.concat([file, file]), 1, 2), { message: /found 12292/ });
	const { 'batches/two.bin': _, ...rest } = tenMembers;
	t.throws(() => cifarSource('a.tar', tar(rest), ten), {
		message: /a\.tar .*expected a member two\.bin, found one\.bin/,
	});
	t.throws(() => cifarSource('a.tar', tar({ ...tenMembers, 'batches/two.bin': Buffer.alloc(9) }), ten), {
		message: /a\.tar:two\.bin is damaged/,
	});
});

test('a label that is no class is named by its place', (t) => {
	const { labels } = cifarSource('a.tar', tar(hundredMembers), hundred);
	t.notThrows(() => checkLabels('a.tar', labels, 100));
	t.throws(() => checkLabels('a.tar', labels, 99), { message: /a\.tar .*labels 0 … 98, found 99 at example 0/ });
});

function setting() {
	const folder = mkdtempSync(join(tmpdir(), 'gimlet-cifar-'));
	const archive = gzipSync(tar(tenMembers));
	const load = (bytes: Uint8Array = archive) =>
		cachedCifarSource(folder, { name: 'c.tar.gz', sha256: sha256(archive) }, bytes, ten);
	const kept = () => join(folder, readdirSync(folder)[0]!);
	return { folder, load, kept };
}

test('what was unpacked is kept, and read instead of the archive', (t) => {
	const { load } = setting();
	const first = load();
	const again = load(Buffer.from('not an archive: nobody reads it'));
	t.deepEqual([...again.inputs], [...first.inputs]);
	t.deepEqual([...(again.labels as Uint8Array)], [3, 9, 0, 5, 7]);
	t.is(again.width, 3072);
});

for (const [what, damage] of [
	['with another byte', (bytes: Buffer) => bytes.fill(bytes[5000]! ^ 1, 5000, 5001)],
	['cut off', (bytes: Buffer) => bytes.subarray(0, 5000)],
	['empty', (bytes: Buffer) => bytes.subarray(0, 0)],
] as const) {
	test(`a kept file ${what} is made again`, (t) => {
		const { load, kept } = setting();
		load();
		const whole = readFileSync(kept());
		writeFileSync(kept(), damage(Buffer.from(whole)));
		t.deepEqual([...load().inputs], expected(5));
		t.deepEqual(readFileSync(kept()), whole);
	});
}

test.serial('a disk that cannot be written to only costs time', (t) => {
	const { folder, load } = setting();
	const end = onDurableStep(({ path }) => {
		if (path.startsWith(folder)) {
			throw Object.assign(new Error('read-only'), { code: 'EROFS' });
		}
	});
	t.teardown(end);
	t.deepEqual([...load().inputs], expected(5));
	t.deepEqual(readdirSync(folder), []);
});
