import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { GimletError } from '../core/errors.ts';
import { importUrl } from '../core/source-file.ts';
import { hasPlugins } from '../registry/plugins.ts';
import { declared } from '../registry/registry.ts';
import type { AssemblyAnswer, AssemblySetup, AssemblySlot, PortableTransform } from './assembly-worker.ts';
import type { BatchPlace } from './batch-source.ts';
import type { Data, Transform } from './contracts/data.ts';

/** A batch in the making. */
interface Ahead {
	readonly place: BatchPlace;
	readonly rows: Int32Array;
	readonly slot: number;
	readonly made: Promise<AssemblyAnswer>;
}

/** The transforms in a form that another thread can build, or why it cannot. */
export function portableTransforms(transforms: readonly Transform[]): readonly PortableTransform[] | string {
	const portable: PortableTransform[] = [];
	for (const one of transforms) {
		const declaration = declared.all('transform').find(({ target }) => target === one.constructor);
		const { portable: parameters } = one;
		if (declaration === undefined || parameters === undefined) {
			return `the transform ${declaration?.name ?? one.constructor.name} does not say that another thread may do its work (portable)`;
		}
		portable.push({ name: declaration.name, module: importUrl(declaration.file), parameters });
	}
	return portable;
}

/**
 * Assembles the inputs of coming batches in a thread of its own, which never keeps the process alive.
 *
 * Rows are copied as they are stored into shared memory; scaling, augmenting and standardising is the thread's. The
 * result is that of doing it here, because augmentation draws from a stream of the batch's own step.
 */
export class ReadAhead {
	readonly #worker: Worker;
	readonly #slots: readonly AssemblySlot[];
	readonly #free: number[];
	readonly #queue: Ahead[] = [];
	readonly #answers = new Map<number, (answer: AssemblyAnswer) => void>();
	#broken: string | undefined;

	/** `depth`: batches ahead; `batchSize`: examples of the largest batch. */
	constructor(data: Data, seed: number, transforms: readonly PortableTransform[], depth: number, batchSize: number) {
		const { shape } = data.spec;
		const length = batchSize * shape.reduce((a, b) => a * b, 1);
		const isBytes = data.splits.train.inputs instanceof Uint8Array;
		this.#slots = Array.from({ length: depth }, () => ({
			stored: isBytes
				? new Uint8Array(new SharedArrayBuffer(length))
				: new Float32Array(new SharedArrayBuffer(4 * length)),
			inputs: new Float32Array(new SharedArrayBuffer(4 * length)),
		}));
		this.#free = this.#slots.map((_, slot) => slot);
		const { preprocessing } = data;
		const setup: AssemblySetup = { seed, shape, preprocessing, transforms, plugins: hasPlugins(), slots: this.#slots };
		const module = importUrl(fileURLToPath(new URL('./assembly-worker.ts', import.meta.url)));
		this.#worker = new Worker(new URL('./assembly-thread.mjs', import.meta.url), { workerData: { ...setup, module } });
		this.#worker.on('message', (answer: AssemblyAnswer) => this.#answered(answer));
		this.#worker.on('error', (error) => this.#break(error.stack ?? error.message));
		this.#worker.on('exit', (code) => this.#break(`the thread ended with ${code}`));
		this.#worker.unref();
	}

	/** Why the thread is of no use, if it is: it could not build the transforms, or has ended. */
	get broken(): string | undefined {
		return this.#broken;
	}

	/** Whether another batch can be asked for. */
	get hasRoom(): boolean {
		return this.#free.length > 0 && this.#broken === undefined;
	}

	/** The place after which the next request belongs: that of the last batch asked for. */
	get last(): BatchPlace | undefined {
		return this.#queue.at(-1)?.place;
	}

	/** Asks for the inputs of a batch whose stored values `fill` copies. */
	request(place: BatchPlace, rows: Int32Array, fill: (stored: Uint8Array | Float32Array) => void): void {
		const slot = this.#free.shift()!;
		fill(this.#slots[slot]!.stored);
		const made = new Promise<AssemblyAnswer>((answer) => {
			this.#answers.set(slot, answer);
		});
		this.#queue.push({ place, rows, slot, made });
		this.#worker.postMessage({ slot, count: rows.length, step: place.step });
	}

	/**
	 * Waits for the inputs of a batch and copies them into `inputs`. False where it was not asked for; batches before it
	 * are dropped; neither is anything to be had of a broken thread. A batch that failed is an error with the thread's own stack.
	 */
	async take(place: BatchPlace, inputs: Float32Array): Promise<boolean> {
		while (this.#queue.length > 0 && this.#queue[0]!.place.step <= place.step) {
			const ahead = this.#queue.shift()!;
			const { slot, problem } = await this.#wait(ahead);
			this.#free.push(ahead.slot);
			if (slot !== undefined && ahead.place.step === place.step) {
				if (problem !== undefined) {
					throw new GimletError(
						'batch.failed',
						`Epoch ${place.epoch}, batch ${place.batch} (step ${place.step}) could not be assembled in the thread that reads ahead: ${problem}`,
					);
				}
				inputs.set(this.#slots[ahead.slot]!.inputs.subarray(0, inputs.length));
				return true;
			}
		}
		return false;
	}

	/** Ends the thread. */
	async close(): Promise<void> {
		this.#worker.removeAllListeners('exit');
		await this.#worker.terminate();
	}

	// Only while somebody waits does the thread count as work to be done.
	async #wait({ made }: Ahead): Promise<AssemblyAnswer> {
		this.#worker.ref();
		try {
			return await made;
		} finally {
			this.#worker.unref();
		}
	}

	#answered(answer: AssemblyAnswer): void {
		if (answer.slot === undefined) {
			this.#break(answer.problem!);
			return;
		}
		this.#answers.get(answer.slot)?.(answer);
		this.#answers.delete(answer.slot);
	}

	#break(problem: string): void {
		this.#broken ??= problem;
		for (const answer of this.#answers.values()) {
			answer({ slot: undefined });
		}
		this.#answers.clear();
	}
}
