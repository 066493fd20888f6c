import { createHash, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, RefusedError } from '../core/errors.ts';
import type { BackgroundWrites } from '../files/background-writes.ts';
import { statInside } from '../files/inside.ts';
import { checkRecord, parseJson } from '../files/json.ts';
import { limits } from '../files/limits.ts';
import { hashInside, readInside, readRecordInside, withFile } from '../files/reading.ts';
import { checkSafetensors, decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

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
	const sums = { schema_version: schema, step, names, files };
	await disk.writeFile(join(folder, sumsFile), Buffer.from(`${JSON.stringify(sums, undefined, '\t')}\n`));
	await disk.syncFolder(folder);
}

/** A checkpoint: the folder `name` in the folder `root` of all checkpoints. */
export interface CheckpointPlace {
	readonly root: string;
	readonly name: string;
}

/** Reads and verifies a checkpoint; throws naming the damaged file. */
export function readCheckpoint(place: CheckpointPlace): CheckpointContent & { readonly step: number } {
	const sums = readSums(place);
	const tensors: Record<string, Record<string, StoredTensor>> = {};
	for (const [file, sum] of Object.entries(sums.files)) {
		if (file !== stateFile) {
			const data = readVerified(place, file, sum);
			tensors[file.replace(/\.safetensors$/u, '')] = decodeSafetensors(data, pathOf(place, file)).tensors;
		}
	}
	return { tensors, state: readState(place, sums), step: sums.step };
}

/** What a checkpoint holds besides tensors, after verifying all of it with the memory of a small part. */
export function checkCheckpoint(place: CheckpointPlace): unknown {
	const sums = readSums(place);
	for (const [file, sum] of Object.entries(sums.files)) {
		if (file !== stateFile) {
			requireSize(place, file, sum);
			requireSum(
				place,
				file,
				sum,
				asDamage(place, file, () => hashInside(place.root, inside(place, file), sum.bytes)),
			);
			requireTensors(place, file);
		}
	}
	return readState(place, sums);
}

/** The names that a checkpoint was saved under. */
export function savedNames(place: CheckpointPlace): readonly string[] {
	return (readSums(place).names ?? []).filter((name) => /^[a-z][\w-]*$/u.test(name));
}

/** The path of a checkpoint's `state.json`. */
export function statePath({ root, name }: CheckpointPlace): string {
	return join(root, name, stateFile);
}

const sumSchema = z.object({ bytes: z.int().nonnegative(), sha256: z.string() });
const sumsSchema = z.looseObject({
	schema_version: z.int(),
	step: z.int().nonnegative(),
	names: z.array(z.string()).optional(),
	files: z
		.record(z.string().regex(/^(?:[a-z][\w-]*\.safetensors|state\.json)$/u), sumSchema)
		.refine((files) => files[stateFile] !== undefined, `${stateFile} is missing`),
});

type Sum = z.output<typeof sumSchema>;

function readSums(place: CheckpointPlace): z.output<typeof sumsSchema> {
	const path = pathOf(place, sumsFile);
	const stored = asDamage(place, sumsFile, () =>
		readRecordInside(place.root, inside(place, sumsFile), z.looseObject({}), limits.record),
	);
	if (stored === undefined) {
		throw new EnvironmentError('checkpoint.damaged', `${path} is missing.`);
	}
	const version = stored['schema_version'];
	if (typeof version === 'number' && version > schema) {
		throw new RefusedError(
			'checkpoint.newer',
			`${path} has schema version ${version}; this version of gimlet reads up to ${schema}.`,
		);
	}
	return asDamage(place, sumsFile, () => checkRecord(stored, sumsSchema, path));
}

function readState(place: CheckpointPlace, sums: z.output<typeof sumsSchema>): unknown {
	const data = readVerified(place, stateFile, sums.files[stateFile]!);
	return asDamage(place, stateFile, () => parseJson(Buffer.from(data).toString('utf8'), pathOf(place, stateFile)));
}

function readVerified(place: CheckpointPlace, file: string, sum: Sum): Uint8Array {
	requireSize(place, file, sum);
	const limit = file === stateFile ? limits.state : limits.tensors;
	const data = asDamage(place, file, () => readInside(place.root, inside(place, file), limit));
	requireSum(place, file, sum, data && createHash('sha256').update(data).digest('hex'));
	return data!;
}

// Before anything is read: the list may ask for any amount of memory.
function requireSize(place: CheckpointPlace, file: string, { bytes }: Sum): void {
	const size = asDamage(place, file, () => statInside(place.root, inside(place, file)))?.size;
	if (size !== undefined && size !== bytes) {
		throw new EnvironmentError(
			'checkpoint.damaged',
			`${pathOf(place, file)} has ${size} bytes; ${bytes} were written.`,
		);
	}
	if (file !== stateFile && bytes > large) {
		requireTensors(place, file);
	}
}

// Of more than that the header must account for all bytes before they are read.
const large = 2 ** 26;

function requireTensors(place: CheckpointPlace, file: string): void {
	asDamage(place, file, () =>
		withFile(place.root, inside(place, file), (open, size) => checkSafetensors(open, size, pathOf(place, file))),
	);
}

function requireSum(place: CheckpointPlace, file: string, { sha256: expected }: Sum, found: string | undefined): void {
	if (found !== expected) {
		const what =
			found === undefined
				? 'cannot be read: there is no such file'
				: 'has changed since it was written: its SHA-256 is another';
		throw new EnvironmentError('checkpoint.damaged', `${pathOf(place, file)} ${what}.`);
	}
}

// An older checkpoint may be whole: what cannot be read of this one is no reason to refuse the run.
function asDamage<T>(place: CheckpointPlace, file: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof EnvironmentError) {
			throw error;
		}
		const { message } = error as Error;
		const path = pathOf(place, file);
		throw new EnvironmentError(
			'checkpoint.damaged',
			message.startsWith(path) ? message : `${path} cannot be read: ${message}`,
			{ cause: error },
		);
	}
}

function inside({ name }: CheckpointPlace, file: string): string {
	return `${name}/${file}`;
}

function pathOf({ root, name }: CheckpointPlace, file: string): string {
	return join(root, name, file);
}

// In a thread of the library, so that training need not wait for it.
async function sha256(data: Uint8Array): Promise<string> {
	return Buffer.from(await webcrypto.subtle.digest('SHA-256', data)).toString('hex');
}
