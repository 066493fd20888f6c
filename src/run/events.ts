import { closeSync, fstatSync, ftruncateSync, lstatSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EnvironmentError } from '../core/errors.ts';
import { durableStep, guard, syncFolder } from '../files/atomic.ts';
import { syncOpenFile } from '../files/background-writes.ts';
import { namesInside, placeBelow } from '../files/inside.ts';
import { withFile } from '../files/reading.ts';
import { openForAppend } from '../files/writing.ts';
import { histogramOf } from './histogram.ts';
import type { Pixels } from './png.ts';
import { frame, wholeRecords } from './records.ts';
import * as tensorboard from './tensorboard.ts';

/**
 * Writes what TensorBoard reads, one file per folder that grows over all sessions of a run.
 *
 * Each event is one write call, so that a reader sees whole records. Events reach the disk for good at `sync()`, to be
 * called before a checkpoint that records `length`.
 */
export class EventWriter {
	readonly path: string;
	readonly #file: number;
	readonly #now: () => number;
	#length = 0;

	private constructor(path: string, file: number, now: () => number) {
		this.path = path;
		this.#file = file;
		this.#now = now;
	}

	/**
	 * Opens the event file of a folder, or begins one. A torn last record is removed; with `resumeAt` (a `length` of an
	 * earlier session) also everything written after that point. `now`: the time in seconds since 1970.
	 */
	static open(
		folder: string,
		{ resumeAt, now = clock }: { readonly resumeAt?: number | undefined; readonly now?: () => number } = {},
	): EventWriter {
		const path = eventFiles(folder).at(-1) ?? join(folder, `events.out.tfevents.${Math.floor(now())}.gimlet`);
		return guard(path, () => {
			const writer = new EventWriter(path, openForAppend(...placeBelow(path)), now);
			try {
				writer.#begin(resumeAt);
			} catch (error) {
				writer.close();
				throw error;
			}
			syncFolder(folder);
			return writer;
		});
	}

	/** Bytes so far: what a checkpoint records, and `resumeAt` goes back to. */
	get length(): number {
		return this.#length;
	}

	scalar(tag: string, value: number, step: number): void {
		this.#event(step, tensorboard.scalar(tag, value));
	}

	/** `values` that are not finite are left out. */
	histogram(tag: string, values: ArrayLike<number>, step: number): void {
		this.#event(step, tensorboard.histogram(tag, histogramOf(values)));
	}

	image(tag: string, pixels: Pixels, step: number): void {
		this.#event(step, tensorboard.image(tag, pixels));
	}

	/** `content` is shown as Markdown. */
	text(tag: string, content: string, step: number): void {
		this.#event(step, tensorboard.text(tag, content));
	}

	/** Declares this run's hyper-parameters and the tags by which it is judged. */
	hparams(values: Readonly<Record<string, tensorboard.HyperParameter>>, metricTags: readonly string[]): void {
		this.#event(0, tensorboard.experiment(values, metricTags));
		this.#event(0, tensorboard.sessionStart(values, this.#now()));
	}

	sessionEnd(status: tensorboard.SessionEnd): void {
		this.#event(0, tensorboard.sessionEnd(status, this.#now()));
	}

	/** Removes everything after the first `bytes`, which must be the end of a record. */
	truncate(bytes: number): void {
		const whole = wholeRecords(this.#file, Math.min(bytes, fstatSync(this.#file).size));
		if (whole.bytes !== bytes) {
			throw new EnvironmentError(
				'events.short',
				`${this.path} is whole for ${whole.bytes} bytes; ${bytes} were written. Was it edited?`,
			);
		}
		guard(this.path, () => {
			durableStep({ kind: 'truncate', path: this.path, size: bytes });
			ftruncateSync(this.#file, bytes);
		});
		this.#length = bytes;
	}

	/** Makes the events so far survive losing power; waiting for the disk is another thread's. */
	async sync(): Promise<void> {
		if (lstatSync(this.path, { throwIfNoEntry: false })?.ino !== fstatSync(this.#file).ino) {
			throw new EnvironmentError('events.gone', `${this.path} was removed or replaced while the run wrote it.`);
		}
		await syncOpenFile(this.path, this.#file);
	}

	close(): void {
		closeSync(this.#file);
	}

	#begin(resumeAt: number | undefined): void {
		const { size } = fstatSync(this.#file);
		const keep = resumeAt ?? wholeRecords(this.#file, size).bytes;
		if (keep < size || keep > 0) {
			this.truncate(keep);
		}
		if (keep === 0) {
			this.#event(0, tensorboard.fileVersion());
		}
	}

	#event(step: number, what: Uint8Array): void {
		const data = frame(tensorboard.event(this.#now(), step, what));
		guard(this.path, () => {
			durableStep({ kind: 'write', path: this.path, data });
			this.#write(data);
		});
		this.#length += data.length;
	}

	#write(data: Uint8Array): void {
		const written = writeSync(this.#file, data);
		if (written < data.length) {
			// What is left of the space took a part of the record: take it back, and learn the reason from the rest.
			try {
				writeSync(this.#file, data, written);
			} catch (error) {
				ftruncateSync(this.#file, this.#length);
				throw error;
			}
		}
	}
}

/** The event files of a folder, oldest first; none where there is no such folder. */
export function eventFiles(folder: string): string[] {
	return namesInside(dirname(folder), basename(folder))
		.filter((name) => name.includes('tfevents'))
		.map((name) => join(folder, name));
}

/** How far an event file is whole, and how long it is. */
export function wholeEvents(path: string): { readonly bytes: number; readonly size: number } {
	return (
		withFile(...placeBelow(path), (file, size) => ({ ...wholeRecords(file, size), size })) ?? { bytes: 0, size: 0 }
	);
}

/** How far the newest event file of a folder is whole; 0 where there is none. */
export function wholeBytes(folder: string): number {
	const file = eventFiles(folder).at(-1);
	return file === undefined ? 0 : wholeEvents(file).bytes;
}

function clock(): number {
	return Date.now() / 1000;
}
