import { existsSync, lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EnvironmentError, RefusedError } from '../core/errors.ts';
import { largest } from '../core/extremes.ts';
import { durableStep, guard, removeTemporaries, renameDurable, temporaryName } from '../files/atomic.ts';
import { BackgroundWrites, type Pace } from '../files/background-writes.ts';
import { namesInside } from '../files/inside.ts';
import {
	type CheckpointContent,
	type CheckpointPlace,
	checkCheckpoint,
	readCheckpoint,
	savedNames,
	statePath,
	sumsFile,
	writeCheckpoint,
} from './checkpoint-files.ts';

/** Which checkpoints stay besides the named ones. */
export interface Keep {
	/** The newest so many; at least 2, so that there is one to fall back to. */
	readonly last: number;
	/** Those at multiples of so many steps; undefined for none. */
	readonly everySteps?: number | undefined;
}

/** A checkpoint that is whole, and what was wrong with newer ones. */
export interface Good {
	readonly name: string;
	readonly content: CheckpointContent & { readonly step: number };
	readonly damaged: readonly string[];
}

/** The checkpoint that a run would go on from. */
export interface Newest {
	readonly name: string;
	readonly state: unknown;
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

	/**
	 * Stores a checkpoint under all `names`, then removes what nobody needs any more. The caller lets one save end before
	 * the next begins, and leaves `content` as it is until then. `pace` is waited for before every step.
	 */
	async save(
		names: readonly string[],
		step: number,
		content: CheckpointContent,
		keep: Keep,
		pace?: Pace,
	): Promise<void> {
		const disk = new BackgroundWrites(pace);
		this.#check();
		// Refused where it is a link that leads out of the run.
		this.#entries();
		await disk.makeFolder(this.folder);
		// Those of a process that lost this folder while it saved, and may stand still, too.
		removeTemporaries(this.folder);
		const target = this.#freeName(step);
		await this.#replace(disk, join(this.folder, target), async (aside) => {
			await disk.makeFolder(aside);
			await writeCheckpoint(aside, step, names, content, disk);
		});
		// `last` last: a run goes on from there, and must meet again whatever the other names had not learned yet.
		for (const name of [...names].sort((a, b) => Number(a === 'last') - Number(b === 'last'))) {
			await this.#link(disk, name, target);
		}
		await this.#prune(disk, keep, step);
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
		return readCheckpoint(this.#place(name));
	}

	/** What a checkpoint holds besides tensors, after verifying all of it; throws naming the damaged file. */
	check(name: string): unknown {
		return checkCheckpoint(this.#place(name));
	}

	/** Where the state of a checkpoint is, for messages. */
	statePath(name: string): string {
		return statePath(this.#place(name));
	}

	/**
	 * The newest checkpoint that is whole, and what was wrong with newer ones; undefined where there is none. `lacks` tells
	 * what a checkpoint relies on and misses elsewhere; one that misses something is not taken either.
	 */
	newestGood(lacks: (state: unknown, path: string) => readonly string[] = () => []): Good | undefined {
		const damaged: string[] = [];
		for (const name of this.#newestFirst()) {
			try {
				const content = this.load(name);
				const missing = lacks(content.state, this.statePath(name));
				if (missing.length === 0) {
					return { name, content, damaged };
				}
				damaged.push(`${name} cannot be continued: ${missing.join(' ')}`);
			} catch (error) {
				if (error instanceof RefusedError) {
					throw error;
				}
				damaged.push((error as Error).message);
			}
		}
		if (damaged.length > 0) {
			throw new EnvironmentError(
				'checkpoint.all_damaged',
				`No checkpoint in ${this.folder} is whole: ${damaged.join('; ')}`,
			);
		}
		return undefined;
	}

	/**
	 * Gives a checkpoint that is gone on from the names it was saved under. A process that died after the checkpoint had
	 * come into its place, and before its names had, would else leave them out for good: the state says that they are done.
	 */
	restoreNames(checkpoint: string): void {
		if (!isStep(checkpoint)) {
			return;
		}
		for (const name of savedNames(this.#place(checkpoint))) {
			const path = join(this.folder, name);
			// In a copy whose maker followed links a name is a folder of its own.
			const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
			if (!isFolder && this.#target(name) !== checkpoint) {
				this.#check();
				const aside = temporaryName(path);
				guard(path, () => {
					durableStep({ kind: 'symlink', path: aside, to: checkpoint });
					symlinkSync(checkpoint, aside);
				});
				renameDurable(aside, path);
			}
		}
	}

	/** The names that a checkpoint was saved under. */
	savedAs(checkpoint: string): readonly string[] {
		return savedNames(this.#place(checkpoint));
	}

	/** Whether a name leads to a checkpoint. */
	leads(name: string, checkpoint: string): boolean {
		return name === checkpoint || this.#target(name) === checkpoint;
	}

	/** Whether a name leads, or led, to a checkpoint of a later step. */
	leadsBeyond(name: string, checkpoint: string): boolean {
		const target = this.#target(name);
		return target !== undefined && isStep(target) && isStep(checkpoint) && stepOf(target) > stepOf(checkpoint);
	}

	/** Everything wrong with the checkpoints, one sentence each, and the one that a run would go on from. */
	verify(): { readonly problems: readonly string[]; readonly newest: Newest | undefined } {
		const states = new Map<string, unknown>();
		const problems: string[] = [];
		for (const name of this.#entries()) {
			const path = join(this.folder, name);
			if (!existsSync(path)) {
				problems.push(`${path} leads nowhere.`);
				continue;
			}
			try {
				states.set(name, this.check(name));
			} catch (error) {
				problems.push((error as Error).message);
			}
		}
		const newest = this.#newestFirst().find((name) => states.has(name));
		return { problems, newest: newest === undefined ? undefined : { name: newest, state: states.get(newest) } };
	}

	// `last` first: it may be older than a folder that was renamed just before a crash, but it is what the run relied on;
	// then every other by age.
	#newestFirst(): string[] {
		const steps = this.#entries().filter(isStep).sort(byStep).reverse();
		const last = this.#target('last');
		return last === undefined ? steps : [last, ...steps.filter((name) => name !== last)];
	}

	// A resumed run may reach a step again; what is there stays until the new one is whole, for it may be all there is.
	#freeName(step: number): string {
		const base = `step-${`${step}`.padStart(8, '0')}`;
		const copies = this.#entries().filter((name) => isStep(name) && stepOf(name) === step);
		const copy = Math.max(0, largest(copies.map(copyOf))) + 1;
		return copy === 1 ? base : `${base}-${copy}`;
	}

	async #link(disk: BackgroundWrites, name: string, target: string): Promise<void> {
		const path = join(this.folder, name);
		// A copy made by a tool that follows links has a folder here.
		if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
			await disk.remove(path);
		}
		await this.#replace(disk, path, (aside) => disk.link(target, aside));
	}

	// Makes something under a temporary name, then moves it into its place.
	async #replace(disk: BackgroundWrites, path: string, make: (aside: string) => Promise<void>): Promise<void> {
		const aside = temporaryName(path);
		try {
			await make(aside);
			this.#check();
			await disk.rename(aside, path);
		} catch (error) {
			// Where the folder has another owner now, that is the reason (it may have removed what is being written), and
			// nothing is changed any more, not even to tidy up.
			this.#check();
			if (!(error instanceof RefusedError)) {
				rmSync(aside, { recursive: true, force: true });
			}
			throw error;
		}
	}

	// Besides those that nobody asked to keep go earlier copies of a step, and steps ahead of this one: left by a session
	// whose end was lost, they would be taken for newer than what this one saves.
	async #prune(disk: BackgroundWrites, keep: Keep, step: number): Promise<void> {
		const linked = this.#linked();
		const all = this.#entries().filter(isStep).sort(byStep);
		const steps = all.filter((name, i) => stepOf(name) <= step && stepOf(name) !== stepOf(all[i + 1] ?? 'step-'));
		const newest = steps.slice(-Math.max(2, keep.last));
		const regular = steps.filter((name) => keep.everySteps !== undefined && stepOf(name) % keep.everySteps === 0);
		const wanted = new Set([...linked, ...newest, ...regular]);
		for (const name of all.filter((one) => !wanted.has(one))) {
			this.#check();
			await disk.remove(join(this.folder, name));
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
		return namesInside(dirname(this.folder), basename(this.folder)).filter((name) => !name.startsWith('.'));
	}

	// The folder is itself a part of the run folder that it has to be inside of.
	#place(name: string): CheckpointPlace {
		return { root: dirname(this.folder), name: `${basename(this.folder)}/${name}` };
	}
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
