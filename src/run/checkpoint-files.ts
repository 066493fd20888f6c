import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, RefusedError } from '../core/errors.ts';
import type { BackgroundWrites } from '../files/background-writes.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

/** What a checkpoint holds: groups of tensors, each a safetensors file, and everything else as JSON. */
export interface CheckpointContent {
	/** `weights` becomes `weights.safetensors`. */
	readonly tensors: Readonly<Record<string, Readonly<Record<string, StoredTensor>>>>;
	readonly state: unknown;
}

/** Inside a checkpoint: the length and SHA-256 of every other file. */
export const sumsFile = 'checksums.json';

const schema = 1;
const stateFile = 'state.json';

interface Sums {
	readonly schema_version: number;
	readonly step: number;
	/** The names it was saved under; older ones do not say. */
	readonly names?: readonly string[];
	readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/** Writes the files of a checkpoint into an empty folder, durably. */
export async function writeCheckpoint(
	folder: string,
	step: number,
	names: readonly string[],
	{ tensors, state }: CheckpointContent,
	disk: BackgroundWrites,
): Promise<void> {
	const files: Record<string, { bytes: number; sha256: string }> = {};
	const write = async (file: string, data: Uint8Array): Promise<void> => {
		files[file] = { bytes: data.byteLength, sha256: await sha256(data) };
		await disk.writeFile(join(folder, file), data);
	};
	for (const [group, named] of Object.entries(tensors)) {
		await write(`${group}.safetensors`, encodeSafetensors(named, { format: 'gimlet' }));
	}
	await write(stateFile, Buffer.from(`${JSON.stringify(state, undefined, '\t')}\n`));
	const sums: Sums = { schema_version: schema, step, names, files };
	await disk.writeFile(join(folder, sumsFile), Buffer.from(`${JSON.stringify(sums, undefined, '\t')}\n`));
	await disk.syncFolder(folder);
}

/** Reads and verifies a checkpoint's folder; throws naming the damaged file. */
export function readCheckpoint(folder: string): CheckpointContent & { readonly step: number } {
	const sums = readSums(folder);
	const tensors: Record<string, Record<string, StoredTensor>> = {};
	let state: unknown;
	for (const [file, { bytes, sha256: expected }] of Object.entries(sums.files)) {
		const path = join(folder, file);
		const data = readVerified(path, bytes, expected);
		if (file === stateFile) {
			state = JSON.parse(Buffer.from(data).toString('utf8'));
		} else {
			tensors[file.replace(/\.safetensors$/u, '')] = decodeSafetensors(data, path).tensors;
		}
	}
	return { tensors, state, step: sums.step };
}

/** The names that the checkpoint in `folder` was saved under. */
export function savedNames(folder: string): readonly string[] {
	const { names } = readSums(folder);
	return Array.isArray(names) ? names.filter((name) => /^[a-z][\w-]*$/u.test(String(name))) : [];
}

function readSums(folder: string): Sums {
	const path = join(folder, sumsFile);
	let sums: Partial<Sums> | null;
	try {
		sums = JSON.parse(readFileSync(path, 'utf8')) as Partial<Sums> | null;
	} catch (error) {
		throw new EnvironmentError('checkpoint.damaged', `${path} cannot be read: ${(error as Error).message}`);
	}
	if (typeof sums?.schema_version === 'number' && sums.schema_version > schema) {
		throw new RefusedError(
			'checkpoint.newer',
			`${path} has schema version ${sums.schema_version}; this version of gimlet reads up to ${schema}.`,
		);
	}
	if (sums?.schema_version !== schema || typeof sums.step !== 'number' || sums.files?.[stateFile] === undefined) {
		throw new EnvironmentError('checkpoint.damaged', `${path} is not the list of a checkpoint's files.`);
	}
	return sums as Sums;
}

function readVerified(path: string, bytes: number, expected: string): Uint8Array {
	let data: Uint8Array;
	try {
		data = readFileSync(path);
	} catch (error) {
		throw new EnvironmentError('checkpoint.damaged', `${path} cannot be read: ${(error as Error).message}`);
	}
	if (data.byteLength !== bytes) {
		throw new EnvironmentError('checkpoint.damaged', `${path} has ${data.byteLength} bytes; ${bytes} were written.`);
	}
	if (createHash('sha256').update(data).digest('hex') !== expected) {
		throw new EnvironmentError(
			'checkpoint.damaged',
			`${path} has changed since it was written: its SHA-256 is another.`,
		);
	}
	return data;
}

// In a thread of the library, so that training need not wait for it.
async function sha256(data: Uint8Array): Promise<string> {
	return Buffer.from(await webcrypto.subtle.digest('SHA-256', data)).toString('hex');
}
