import { crc32 } from 'node:zlib';
import { zlibSync } from 'fflate';

/** An image of bytes, rows from top to bottom, channels last. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
	/** 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
	readonly channels: 1 | 2 | 3 | 4;
	/** `height × width × channels` values. */
	readonly data: Uint8Array | Uint8ClampedArray;
}

/** The image as a PNG file of 8 bits per channel; equal pixels give equal bytes on every machine. */
export function encodePng({ width, height, channels, data }: Pixels): Uint8Array {
	if (!(width > 0 && height > 0) || data.length !== width * height * channels) {
		throw new RangeError(
			`An image of ${height} × ${width} × ${channels} needs ${height * width * channels} bytes, more than none; it has ${data.length}.`,
		);
	}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header[8] = 8;
	header[9] = colourTypes[channels];
	return Buffer.concat([
		signature,
		chunk('IHDR', header),
		chunk('IDAT', zlibSync(scanlines(data, width * channels, height), { level: 6 })),
		chunk('IEND', new Uint8Array(0)),
	]);
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const colourTypes = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

// Each row is preceded by the number of its filter, 0: the values as they are.
function scanlines(data: Uint8Array | Uint8ClampedArray, stride: number, height: number): Uint8Array {
	const lines = new Uint8Array((stride + 1) * height);
	for (let row = 0; row < height; row += 1) {
		lines.set(data.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
	}
	return lines;
}

function chunk(type: string, data: Uint8Array): Buffer {
	const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	const framed = Buffer.alloc(body.length + 8);
	framed.writeUInt32BE(data.length, 0);
	body.copy(framed, 4);
	framed.writeUInt32BE(crc32(body), body.length + 4);
	return framed;
}
