import { gzipSync } from 'node:zlib';
import test from 'ava';
import { EnvironmentError } from '../../../src/core/errors.ts';
import { readIdx } from '../../../src/data/idx.ts';

// Written out byte by byte: two images of 2 rows of 3.
const images = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
const shape = [2, 2, 3];

function changed(at: number, value: number): Buffer {
	const bytes = Buffer.from(images);
	bytes[at] = value;
	return bytes;
}

for (const [form, bytes] of [
	['plain', images],
	['gzip', gzipSync(images)],
] as const) {
	test(`reads sizes and values, ${form}`, (t) => {
		const { values, shape: found } = readIdx('a', bytes, shape);
		t.deepEqual(found, shape);
		t.deepEqual([...values], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
	});
}

test('sizes are big-endian and of four bytes', (t) => {
	const labels = Buffer.from([0, 0, 8, 1, 0, 1, 0, 2, ...new Array(65_538).fill(7)]);
	t.is(readIdx('a', labels, [65_538]).values.length, 65_538);
});

const refused: readonly [string, Buffer, RegExp][] = [
	['two bytes that are not zero', changed(1, 9), /two zero bytes first, found 0x0009/],
	['values of another type', changed(2, 0x0d), /type 0x08 \(unsigned byte\), found 0x0d/],
	['another number of dimensions', changed(3, 1), /expected 3 dimensions, found 1/],
	['other sizes', changed(15, 4), /expected sizes 2 × 2 × 3, found 2 × 2 × 4/],
	['a cut in the values', images.subarray(0, -1), /expected 28 bytes, found 27/],
	['a cut in the header', images.subarray(0, 9), /header of 16 bytes, found 9/],
	['nothing at all', Buffer.alloc(0), /found 0 bytes/],
	['bytes after the end', Buffer.concat([images, Buffer.from([0])]), /expected 28 bytes, found 29/],
	['a damaged gzip member', gzipSync(images).subarray(0, -12), /gzip reports/],
];

for (const [what, bytes, message] of refused) {
	test(`refuses ${what}, naming the file`, (t) => {
		const error = t.throws(() => readIdx('the-file', bytes, shape), { instanceOf: EnvironmentError, message });
		t.true(error.message.startsWith('the-file is damaged'));
	});
}
