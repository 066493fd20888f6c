import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** SHA-256 in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** Whether bytes begin as a gzip member does (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
	return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of gzip bytes, at most `most` bytes of it; other bytes come back as they are. A damaged member, or one that
 * holds more, is an error.
 */
export function unpacked(bytes: Uint8Array, most: number): Uint8Array {
	return isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: Math.max(1, most) }) : bytes;
}

/** What a file must be. */
export interface Expected {
	readonly sha256: string;
	readonly bytes: number;
}

/** Bytes that are the expected ones: as they are, or unpacked from gzip; undefined when neither are. */
export function matching(bytes: Uint8Array, expected: Expected): Uint8Array | undefined {
	if (isExpected(bytes, expected)) {
		return bytes;
	}
	if (!isGzip(bytes) || bytes.length > longestPacking(expected.bytes)) {
		return undefined;
	}
	const content = tryUnpack(bytes, expected.bytes);
	return content !== undefined && isExpected(content, expected) ? content : undefined;
}

/** The most bytes that gzip makes of so many, with room for a header: what does not shrink is stored as it is. */
export function longestPacking(bytes: number): number {
	return bytes + Math.ceil(bytes / 1000) + 2 ** 16;
}

// The size first: nothing is computed over what cannot be it.
function isExpected(bytes: Uint8Array, expected: Expected): boolean {
	return bytes.length === expected.bytes && sha256(bytes) === expected.sha256;
}

function tryUnpack(bytes: Uint8Array, most: number): Uint8Array | undefined {
	try {
		return unpacked(bytes, most);
	} catch {
		// Cut off, damaged or too long: it cannot match.
		return undefined;
	}
}
