import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
	durableStep,
	guard,
	makeFolder,
	removeDurable,
	removeLeftovers,
	renameDurable,
	syncFolder,
	temporaryName,
	writeFileDurable,
} from '../core/atomic.ts';
import { GimletError, RefusedError } from '../core/errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

/** What a checkpoint holds: groups of tensors, each a safetensors file, and everything else as JSON. */
export interface CheckpointContent {
	/** `weights` becomes `weights.safetensors`. */
	readonly tensors: Readonly<Record<string, Readonly<Record<string, StoredTensor>>>>;
	readonly state: unknown;
}

/** Which checkpoints stay besides the named ones. */
export interface Keep {
	/** The newest so many; at least 2, so that there is one to fall back to. */
	readonly last: number;
	/** Those at multiples of so many steps; undefined for none. */
	readonly everySteps?: number | undefined;
}

const schema = 1;
const sumsFile = 'checksums.json';
const stateFile = 'state.json';

interface Sums {
	readonly schema_version: number;
	readonly step: number;
	readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/**
 * The folder `checkpoints/`: one folder per instant, `step-00000123`, and the names `init`, `last`, `best` as symbolic
 * links to them.
 *
 * A checkpoint is written aside, synced and renamed; then the links are replaced, each by one rename. So a name always
 * leads to a whole checkpoint, and one that two names share is stored once. `checksums.json` inside has the length and
 * SHA-256 of every other file.
 */
export class CheckpointStore {
	readonly folder: string;
	readonly #check: () => void;

	/** `check` is called before every change: it throws when this process may no longer write. */
	constructor(folder: string, check: () => void = () => {}) {
		this.folder = folder;
		this.#check = check;
	}

	/** Stores a checkpoint under all `names`, then removes what nobody needs any more. */
	save(names: readonly string[], step: number, content: CheckpointContent, keep: Keep): void {
		this.#check();
		makeFolder(this.folder);
		removeLeftovers(this.folder);
		const target = this.#freeName(step);
		this.#replace(join(this.folder, target), (aside) => {
			makeFolder(aside);
			this.#writeFiles(aside, step, content);
		});
		// `last` last: a run goes on from there, and must meet again whatever the other names had not learned yet.
		for (const name of [...names].sort((a, b) => Number(a === 'last') - Number(b === 'last'))) {
			this.#link(name, target);
		}
		this.#prune(keep, step);
	}

	/** Names that lead to a checkpoint, sorted. */
	names(): string[] {
		return this.#entries().filter((name) => !isStep(name) && existsSync(join(this.folder, name)));
	}

	has(name: string): boolean {
		return existsSync(join(this.folder, name, sumsFile));
	}

	/** Reads and verifies a checkpoint by name (or `step-…`); throws naming the damaged file. */
	load(name: string): CheckpointContent & { readonly step: number } {
		const folder = join(this.folder, name);
		const sums = readSums(folder);
		const tensors: Record<string, Record<string, StoredTensor>> = {};
		let state: unknown;
		for (const [file, { bytes, sha256 }] of Object.entries(sums.files)) {
			const path = join(folder, file);
			const data = readVerified(path, bytes, sha256);
			if (file === stateFile) {
				state = JSON.parse(Buffer.from(data).toString('utf8'));
			} else {
				tensors[file.replace(/\.safetensors$/u, '')] = decodeSafetensors(data, path).tensors;
			}
		}
		return { tensors, state, step: sums.step };
	}

	/** The newest checkpoint that is whole, and what was wrong with newer ones; undefined where there is none. */
	newestGood():
		| {
				readonly name: string;
				readonly content: CheckpointContent & { readonly step: number };
				readonly damaged: readonly string[];
		  }
		| undefined {
		const damaged: string[] = [];
		for (const name of this.#newestFirst()) {
			try {
				return { name, content: this.load(name), damaged };
			} catch (error) {
				if (error instanceof RefusedError) {
					throw error;
				}
				damaged.push((error as Error).message);
			}
		}
		if (damaged.length > 0) {
			throw new GimletError(
				'checkpoint.all_damaged',
				`No checkpoint in ${this.folder} is whole: ${damaged.join('; ')}`,
			);
		}
		return undefined;
	}

	/** Everything wrong with the checkpoints, one sentence each. */
	verify(): string[] {
		const problems: string[] = [];
		for (const name of this.#entries()) {
			const path = join(this.folder, name);
			if (!existsSync(path)) {
				problems.push(`${path} leads nowhere.`);
				continue;
			}
			try {
				this.load(name);
			} catch (error) {
				problems.push((error as Error).message);
			}
		}
		return problems;
	}

	// `last` first: it may be older than a folder that was renamed just before a crash, but it is what the run relied on;
	// then every other by age.
	#newestFirst(): string[] {
		const steps = this.#entries().filter(isStep).sort(byStep).reverse();
		const last = this.#target('last');
		return last === undefined ? steps : [last, ...steps.filter((name) => name !== last)];
	}

	#writeFiles(folder: string, step: number, { tensors, state }: CheckpointContent): void {
		const files: Record<string, { bytes: number; sha256: string }> = {};
		const write = (file: string, data: Uint8Array): void => {
			writeFileDurable(join(folder, file), data);
			files[file] = { bytes: data.byteLength, sha256: sha256(data) };
		};
		for (const [group, named] of Object.entries(tensors)) {
			write(`${group}.safetensors`, encodeSafetensors(named, { format: 'gimlet' }));
		}
		write(stateFile, Buffer.from(`${JSON.stringify(state, undefined, '\t')}\n`));
		const sums: Sums = { schema_version: schema, step, files };
		writeFileDurable(join(folder, sumsFile), `${JSON.stringify(sums, undefined, '\t')}\n`);
		syncFolder(folder);
	}

	// A resumed run may reach a step again; what is there stays until the new one is whole, for it may be all there is.
	#freeName(step: number): string {
		const base = `step-${`${step}`.padStart(8, '0')}`;
		const copies = this.#entries().filter((name) => isStep(name) && stepOf(name) === step);
		const copy = Math.max(0, ...copies.map(copyOf)) + 1;
		return copy === 1 ? base : `${base}-${copy}`;
	}

	#link(name: string, target: string): void {
		const path = join(this.folder, name);
		// A copy made by a tool that follows links has a folder here.
		if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
			removeDurable(path);
		}
		this.#replace(path, (aside) =>
			guard(aside, () => {
				durableStep({ kind: 'symlink', path: aside, to: target });
				symlinkSync(target, aside);
			}),
		);
	}

	// Makes something under a temporary name, then moves it into its place.
	#replace(path: string, make: (aside: string) => void): void {
		const aside = temporaryName(path);
		try {
			make(aside);
			this.#check();
			renameDurable(aside, path);
		} catch (error) {
			rmSync(aside, { recursive: true, force: true });
			throw error;
		}
	}

	// Besides those that nobody asked to keep go earlier copies of a step, and steps ahead of this one: left by a session
	// whose end was lost, they would be taken for newer than what this one saves.
	#prune(keep: Keep, step: number): void {
		const linked = this.#linked();
		const all = this.#entries().filter(isStep).sort(byStep);
		const steps = all.filter((name, i) => stepOf(name) <= step && stepOf(name) !== stepOf(all[i + 1] ?? 'step-'));
		const newest = steps.slice(-Math.max(2, keep.last));
		const regular = steps.filter((name) => keep.everySteps !== undefined && stepOf(name) % keep.everySteps === 0);
		const wanted = new Set([...linked, ...newest, ...regular]);
		for (const name of all.filter((one) => !wanted.has(one))) {
			this.#check();
			removeDurable(join(this.folder, name));
		}
	}

	#linked(): Set<string> {
		return new Set(
			this.#entries()
				.map((name) => this.#target(name))
				.filter((target) => target !== undefined),
		);
	}

	#target(name: string): string | undefined {
		const path = join(this.folder, name);
		const stat = lstatSync(path, { throwIfNoEntry: false });
		if (stat?.isSymbolicLink()) {
			return readlinkSync(path);
		}
		return stat?.isDirectory() && !isStep(name) ? name : undefined;
	}

	#entries(): string[] {
		return existsSync(this.folder)
			? readdirSync(this.folder)
					.filter((name) => !name.startsWith('.'))
					.sort()
			: [];
	}
}

function readSums(folder: string): Sums {
	const path = join(folder, sumsFile);
	let sums: Partial<Sums> | null;
	try {
		sums = JSON.parse(readFileSync(path, 'utf8')) as Partial<Sums> | null;
	} catch (error) {
		throw new GimletError('checkpoint.damaged', `${path} cannot be read: ${(error as Error).message}`);
	}
	if (typeof sums?.schema_version === 'number' && sums.schema_version > schema) {
		throw new RefusedError(
			'checkpoint.newer',
			`${path} has schema version ${sums.schema_version}; this version of gimlet reads up to ${schema}.`,
		);
	}
	if (sums?.schema_version !== schema || typeof sums.step !== 'number' || sums.files?.[stateFile] === undefined) {
		throw new GimletError('checkpoint.damaged', `${path} is not the list of a checkpoint's files.`);
	}
	return sums as Sums;
}

function readVerified(path: string, bytes: number, expected: string): Uint8Array {
	let data: Uint8Array;
	try {
		data = readFileSync(path);
	} catch (error) {
		throw new GimletError('checkpoint.damaged', `${path} cannot be read: ${(error as Error).message}`);
	}
	if (data.byteLength !== bytes) {
		throw new GimletError('checkpoint.damaged', `${path} has ${data.byteLength} bytes; ${bytes} were written.`);
	}
	if (sha256(data) !== expected) {
		throw new GimletError('checkpoint.damaged', `${path} has changed since it was written: its SHA-256 is another.`);
	}
	return data;
}

function sha256(data: Uint8Array): string {
	return createHash('sha256').update(data).digest('hex');
}

function isStep(name: string): boolean {
	return /^step-\d{8,}(?:-\d+)?$/u.test(name);
}

function stepOf(name: string): number {
	return Number(/\d+/u.exec(name)?.[0]);
}

function copyOf(name: string): number {
	return Number(/-\d+-(\d+)$/u.exec(name)?.[1] ?? 1);
}

function byStep(a: string, b: string): number {
	return stepOf(a) - stepOf(b) || copyOf(a) - copyOf(b);
}
