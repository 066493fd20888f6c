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

/** The content of gzip bytes; other bytes come back as they are. A damaged member is an error. */
export function unpacked(bytes: Uint8Array): Uint8Array {
	return isGzip(bytes) ? gunzipSync(bytes) : bytes;
}

/** Bytes whose SHA-256 is the expected one: as they are, or unpacked from gzip; undefined when neither is. */
export function matching(bytes: Uint8Array, expected: string): Uint8Array | undefined {
	if (sha256(bytes) === expected) {
		return bytes;
	}
	if (!isGzip(bytes)) {
		return undefined;
	}
	const content = tryUnpack(bytes);
	return content !== undefined && sha256(content) === expected ? content : undefined;
}

function tryUnpack(bytes: Uint8Array): Uint8Array | undefined {
	try {
		return unpacked(bytes);
	} catch {
		// Cut off or damaged: it cannot match.
		return undefined;
	}
}
