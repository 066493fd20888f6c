import { inflateSync } from 'node:zlib';
import test from 'ava';
import { encodePng } from '../../../src/run/png.ts';

for (const [channels, colourType] of [
	[1, 0],
	[2, 4],
	[3, 2],
	[4, 6],
] as const) {
	test(`${channels} channels: pixels come back row by row`, (t) => {
		const [width, height] = [5, 3];
		const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37) % 256);
		const chunks = chunksOf(Buffer.from(encodePng({ width, height, channels, data })));
		t.deepEqual(Object.keys(chunks), ['IHDR', 'IDAT', 'IEND']);
		t.deepEqual([...chunks['IHDR']!], [0, 0, 0, width, 0, 0, 0, height, 8, colourType, 0, 0, 0]);
		const lines = inflateSync(chunks['IDAT']!);
		const stride = width * channels;
		t.is(lines.length, (stride + 1) * height);
		for (let row = 0; row < height; row += 1) {
			const line = lines.subarray(row * (stride + 1), (row + 1) * (stride + 1));
			t.is(line[0], 0);
			t.deepEqual([...line.subarray(1)], [...data.subarray(row * stride, (row + 1) * stride)]);
		}
	});
}

test('the last chunk is the one every PNG file ends with, checksum included', (t) => {
	const png = Buffer.from(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) }));
	t.is(png.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
	t.is(png.subarray(-12).toString('hex'), '0000000049454e44ae426082');
});

test('a wrong number of bytes is refused', (t) => {
	t.throws(() => encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(11) }), {
		message: /needs 12 bytes.*it has 11/u,
	});
	t.throws(() => encodePng({ width: 0, height: 2, channels: 3, data: new Uint8Array(0) }));
});

function chunksOf(png: Buffer): Record<string, Buffer> {
	const chunks: Record<string, Buffer> = {};
	for (let at = 8; at < png.length; ) {
		const length = png.readUInt32BE(at);
		chunks[png.toString('latin1', at + 4, at + 8)] = png.subarray(at + 8, at + 8 + length);
		at += length + 12;
	}
	return chunks;
}
