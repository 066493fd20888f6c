/**
 * CRC-32C (Castagnoli polynomial 0x1EDC6F41, bits reversed) of some bytes, as an unsigned 32-bit number. `before` is that
 * of the bytes before them.
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
	let crc = before ^ 0xffffffff;
	for (let i = 0; i < bytes.length; i++) {
		crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!;
	}
	return (crc ^ 0xffffffff) >>> 0;
}

/** The checksum as TFRecord files store it: rotated and shifted, so that a checksum of checksums keeps its strength. */
export function maskedCrc32c(bytes: Uint8Array): number {
	return masked(crc32c(bytes));
}

/** A CRC-32C as TFRecord files store it. */
export function masked(crc: number): number {
	return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte;
	for (let bit = 0; bit < 8; bit += 1) {
		crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
	}
	return crc;
});
