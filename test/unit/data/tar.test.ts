import test from 'ava';
import fc from 'fast-check';
import { isTar, readTar } from '../../../src/data/tar.ts';
import { header, tar } from '../../fixtures/data/tar.ts';

const contents = (archive: Uint8Array) =>
	readTar('a.tar', archive).map(({ path, bytes }) => [path, Buffer.from(bytes).toString('hex')]);

test('what was packed comes out, in order', (t) => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 1200 }), { maxLength: 5 }), (files) => {
			const members = Object.fromEntries(files.map((bytes, i) => [`folder/file ${i}`, bytes]));
			const expected = Object.entries(members).map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')]);
			t.deepEqual(contents(tar(members)), expected);
		}),
		{ numRuns: 50 },
	);
});

test('folders are passed over; a prefix belongs to the path', (t) => {
	const archive = Buffer.concat([
		header('folder/', 0, '5'),
		header('name', 3, '0', 'a/long/prefix'),
		Buffer.from('abc'.padEnd(512, '\0')),
		Buffer.alloc(1024),
	]);
	t.deepEqual(contents(archive), [['a/long/prefix/name', Buffer.from('abc').toString('hex')]]);
});

test('a member that is cut off, or a header whose checksum fails, is refused where it is', (t) => {
	const archive = tar({ one: Buffer.alloc(700), two: Buffer.alloc(10) });
	t.throws(() => readTar('a.tar', archive.subarray(0, 1000)), {
		message: /a\.tar .*700 bytes of one at 512, found 488/,
	});
	archive[1536] = 'x'.charCodeAt(0);
	t.throws(() => readTar('a.tar', archive), { message: /tar header at byte 1536/ });
});

test('other files are no archives', (t) => {
	t.true(isTar(tar({ a: Buffer.alloc(1) })));
	for (const bytes of [Buffer.alloc(0), Buffer.alloc(512), Buffer.alloc(511, 'a'), Buffer.alloc(2000, 'a')]) {
		t.false(isTar(bytes));
	}
});

test('a size that is no octal number is refused where it is, and reading ends', (t) => {
	for (const size of ['-0000001000', '9999999999', '\x80\0\0\0\0\0\0\0\0\0\0', '0x100']) {
		const archive = Buffer.concat([header('one', 0), Buffer.alloc(2048)]);
		archive.write(`${size.padEnd(11, ' ')}\0`, 124, 'latin1');
		archive.write('        ', 148, 'latin1');
		const sum = archive.subarray(0, 512).reduce((a, b) => a + b, 0);
		archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
		t.throws(() => readTar('a.tar', archive), { message: /the size of one at 0 is no octal number/ }, size);
	}
});
