import { type KernelName, kernelNames, realWords } from './kernels/names.ts';

/** Runs the job that has been written into the memory. */
export interface Runner {
	readonly simd: string;
	readonly threads: number;
	/** The size of a register tile: rows, and columns of a packed panel. */
	readonly tileRows: number;
	readonly tileColumns: number;
	/** On the calling thread alone. */
	run(): void;
	/** With every thread. */
	runTogether(): void;
	close(): void | Promise<void>;
}

/** Where tensors live, and how to get room there. */
export interface Heap {
	readonly memory: WebAssembly.Memory;
	allocate(bytes: number): number;
	free(address: number): void;
}

// The layout of Job in kernels/job.h, in words.
const jobWords = { kernel: 0, units: 1, grain: 2, scratch: 3, stride: 4, words: 5, length: 5 + 48 };

/** Bytes of a Job and of the Gate after it. */
export const jobBytes = 4 * (jobWords.length + 11);
/** Where the Gate begins, from the job's address. */
export const gateOffset = 4 * (jobWords.length + 3);

// Less work than this, in rough operations, is done before another thread has woken.
const worthSharing = 40_000;

const kernelNumbers = new Map(kernelNames.map((name, number) => [name, number]));

/** Calls kernels: writes their arguments where every thread finds them and has them run. */
export class Host {
	readonly job: number;
	readonly #heap: Heap;
	readonly #runner: Runner;
	readonly #spaces = new Map<string, { address: number; bytes: number }>();
	#buffer: ArrayBuffer | undefined;
	#ints = new Int32Array(0);
	#reals = new Float32Array(0);
	#stride = 0;

	constructor(heap: Heap, job: number, runner: Runner) {
		this.#heap = heap;
		this.#runner = runner;
		this.job = job;
		this.reserve(1 << 14);
	}

	get runner(): Runner {
		return this.#runner;
	}

	/**
	 * Runs `kernel` over `units` units. Words are addresses, integers or, where the kernel says so, floats; `work` is a
	 * rough count of operations, by which to decide whether several threads are worth while.
	 */
	call(kernel: KernelName, words: readonly number[], units: number, work: number): void {
		if (units <= 0) {
			return;
		}
		this.#view();
		this.#ints[jobWords.kernel] = kernelNumbers.get(kernel)!;
		this.#ints[jobWords.units] = units;
		const { threads } = this.#runner;
		this.#ints[jobWords.grain] = Math.max(1, Math.floor(units / (threads * 8)));
		for (let i = 0; i < words.length; i++) {
			this.#ints[jobWords.words + i] = words[i]!;
		}
		for (const i of realWords[kernel] ?? []) {
			this.#reals[jobWords.words + i] = words[i]!;
		}
		if (threads > 1 && units > 1 && work > worthSharing) {
			this.#runner.runTogether();
		} else {
			this.#runner.run();
		}
	}

	/** Makes sure that each thread has work space for this many floats. */
	reserve(floats: number): void {
		const bytes = Math.ceil((floats * 4) / 256) * 256 + 256;
		if (bytes > this.#stride) {
			const address = this.space('threads', bytes * this.#runner.threads);
			this.#stride = bytes;
			this.#view();
			this.#ints[jobWords.scratch] = address;
			this.#ints[jobWords.stride] = bytes;
		}
	}

	/** Room that lasts until the next call with the same name; it grows as needed and is never given back. */
	space(name: string, bytes: number): number {
		const known = this.#spaces.get(name);
		if (known !== undefined && known.bytes >= bytes) {
			return known.address;
		}
		if (known !== undefined) {
			this.#heap.free(known.address);
		}
		const address = this.#heap.allocate(bytes + 64);
		this.#spaces.set(name, { address, bytes });
		return address;
	}

	/** The bytes at an address, until the memory grows. */
	bytes(address: number, length: number): Uint8Array {
		return new Uint8Array(this.#heap.memory.buffer, address, length);
	}

	/** Copies words into the memory. */
	write(address: number, words: Int32Array): void {
		new Int32Array(this.#heap.memory.buffer, address, words.length).set(words);
	}

	close(): void | Promise<void> {
		return this.#runner.close();
	}

	// A memory that grew has a new buffer.
	#view(): void {
		const { buffer } = this.#heap.memory;
		if (buffer !== this.#buffer) {
			this.#buffer = buffer;
			this.#ints = new Int32Array(buffer, this.job, jobWords.length);
			this.#reals = new Float32Array(buffer, this.job, jobWords.length);
		}
	}
}
