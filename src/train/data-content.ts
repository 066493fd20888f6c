import { webcrypto } from 'node:crypto';
import { type Data, type SplitName, splitNames } from './contracts/data.ts';

// Hashed side by side, in threads of the library.
const pieceBytes = 2 ** 24;
const atOnce = 4;

/** Of each split, a hash of every input and target as they were loaded: other data give another one. */
export async function contentHashes({ splits }: Pick<Data, 'splits'>): Promise<Record<SplitName, string>> {
	const hashes = { train: '', valid: '', test: '' };
	for (const name of splitNames) {
		const { inputs, targets } = splits[name];
		const parts = [`${await hashesOf(inputs)}`, `${await hashesOf(targets)}`];
		hashes[name] = await sha256(Buffer.from(parts.join('')));
	}
	return hashes;
}

// A line for the array, and one for the SHA-256 of each 16 MiB of it.
async function hashesOf(array: Uint8Array | Float32Array | Int32Array): Promise<string> {
	const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
	const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
		bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
	);
	const lines = [`${array.constructor.name} ${array.length}\n`];
	for (let from = 0; from < pieces.length; from += atOnce) {
		const hashes = await Promise.all(pieces.slice(from, from + atOnce).map(sha256));
		lines.push(hashes.map((hash) => `${hash}\n`).join(''));
	}
	return lines.join('');
}

async function sha256(bytes: Uint8Array): Promise<string> {
	// Of memory that threads share the library takes a copy only.
	const own = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
	return Buffer.from(await webcrypto.subtle.digest('SHA-256', own as Uint8Array<ArrayBuffer>)).toString('hex');
}
