import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../core/errors.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { type CifarLayout, cifarSource, cifarWidth } from './cifar-archive.ts';
import { sha256 } from './digest.ts';
import type { RequiredFile } from './files.ts';
import type { Source } from './source.ts';

const hashBytes = 32;

/**
 * What `cifarSource` makes of a verified archive, kept unpacked in `folder`: inflating takes seconds, this a fraction.
 *
 * The kept file is named after the archive's SHA-256 and begins with the hash of the rest; one that does not fit is made
 * again. Where it cannot be written, the archive is unpacked each time.
 */
export function cachedCifarSource(
	folder: string,
	{ name, sha256: hash }: Pick<RequiredFile, 'name' | 'sha256'>,
	archive: Uint8Array,
	layout: CifarLayout,
): Source {
	const size = layout.trainSize + layout.testSize;
	const path = join(folder, `.${name}.${hash.slice(0, 16)}.unpacked`);
	return readUnpacked(path, size) ?? unpack(path, name, archive, layout);
}

function readUnpacked(path: string, size: number): Source | undefined {
	const stats = statSync(path, { throwIfNoEntry: false });
	if (!stats?.isFile() || stats.size !== hashBytes + size * (cifarWidth + 1)) {
		return undefined;
	}
	const bytes = readFileSync(path);
	const rest = bytes.subarray(hashBytes);
	if (sha256(rest) !== bytes.subarray(0, hashBytes).toString('hex')) {
		return undefined;
	}
	return { inputs: rest.subarray(size), labels: rest.subarray(0, size), width: cifarWidth };
}

function unpack(path: string, name: string, archive: Uint8Array, layout: CifarLayout): Source {
	const source = cifarSource(name, archive, layout);
	const rest = Buffer.concat([source.labels, source.inputs]);
	try {
		writeFileAtomic(path, Buffer.concat([Buffer.from(sha256(rest), 'hex'), rest]));
	} catch (error) {
		if (!(error instanceof EnvironmentError)) {
			throw error;
		}
	}
	return source;
}
