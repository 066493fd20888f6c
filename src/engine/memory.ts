import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { EnvironmentError } from '../core/errors.ts';
import type { StockModule } from './stock.ts';

/** What a 32-bit memory holds, less the part that is never given out. */
const mostBytes = 2 ** 32 - 2 ** 20;

/** What is given out of a memory now. */
export interface MemoryUse {
	bytes(): number;
}

/**
 * Replaces the module's `_malloc` by one that throws where the stock library would carry on with address 0 and overwrite
 * what is there, and counts what is given out.
 */
export function guardMemory(module: StockModule): MemoryUse {
	// The first call replaces the functions by faster ones, and would replace ours too.
	module._free(module._malloc(1));
	const { _malloc: malloc, _free: free } = module;
	const blocks = new Map<number, number>();
	const spare = new SpareBlocks(free);
	let used = 0;
	module._malloc = (bytes) => {
		let address = spare.take(bytes);
		if (address === 0) {
			// A larger number would wrap round and ask for its remainder.
			address = bytes > mostBytes ? 0 : malloc(bytes) >>> 0;
			if (address === 0 && bytes <= mostBytes && spare.clear()) {
				address = malloc(bytes) >>> 0;
			}
		}
		if (address === 0 && bytes > 0) {
			throw new OutOfMemory(bytes, used);
		}
		used += bytes - (blocks.get(address) ?? 0);
		blocks.set(address, bytes);
		return address;
	};
	module._free = (address) => {
		const bytes = blocks.get(address) ?? 0;
		used -= bytes;
		blocks.delete(address);
		spare.keep(address, bytes);
	};
	return { bytes: () => used };
}

/** More than this is not held back from other sizes. */
const mostSpareBytes = 2 ** 29;

// A training step asks for the same sizes as the step before: blocks given back wait for the next of their size.
class SpareBlocks {
	readonly #free: (address: number) => void;
	readonly #bySize = new Map<number, number[]>();
	#bytes = 0;

	constructor(free: (address: number) => void) {
		this.#free = free;
	}

	take(bytes: number): number {
		const address = this.#bySize.get(bytes)?.pop() ?? 0;
		if (address !== 0) {
			this.#bytes -= bytes;
		}
		return address;
	}

	keep(address: number, bytes: number): void {
		if (bytes === 0 || this.#bytes + bytes > mostSpareBytes) {
			this.#free(address);
			return;
		}
		this.#bytes += bytes;
		const known = this.#bySize.get(bytes);
		if (known === undefined) {
			this.#bySize.set(bytes, [address]);
		} else {
			known.push(address);
		}
	}

	/** Gives everything back; false where there was nothing. */
	clear(): boolean {
		const any = this.#bytes > 0;
		for (const addresses of this.#bySize.values()) {
			for (const address of addresses) {
				this.#free(address);
			}
		}
		this.#bySize.clear();
		this.#bytes = 0;
		return any;
	}
}

/** Thrown by a guarded memory; where it was for a tensor, `explainOutOfMemory` says for which. */
class OutOfMemory extends EnvironmentError {
	constructor(
		readonly bytes: number,
		readonly used: number,
	) {
		super(
			'engine.out_of_memory',
			`out of memory: no room for ${gigabytes(bytes)} of work space; ${gigabytes(used)} are in use and the memory ends at ` +
				`${gigabytes(mostBytes)}. A smaller batch or model needs less.`,
		);
	}
}

/** Makes the backend name the tensor for which there was no room, and what would fit. */
export function explainOutOfMemory(backend: BackendWasm): void {
	const move = backend.move.bind(backend);
	backend.move = (dataId, values, shape, dtype, refCount) => {
		try {
			move(dataId, values, shape, dtype, refCount);
		} catch (error) {
			throw error instanceof OutOfMemory ? explained(error, shape, dtype) : error;
		}
	};
}

function explained(error: OutOfMemory, shape: readonly number[], dtype: string): EnvironmentError {
	const [first = 1] = shape;
	// Most of the memory holds activations, which grow with the batch. The emptier it still was, the less of the step had
	// been done, and its gradients need as much again.
	const share = 0.25 + (0.25 * error.used) / mostBytes;
	const fits = Math.floor((first * mostBytes * share) / (error.used + error.bytes));
	const advice = fits >= 1 && fits < first ? ` If its first axis is the batch, ${fits} would fit.` : '';
	return new EnvironmentError(
		'engine.out_of_memory',
		`out of memory: no room for a ${dtype} tensor of shape [${shape.join(', ')}], ${gigabytes(error.bytes)}; ` +
			`${gigabytes(error.used)} are in use and the memory ends at ${gigabytes(mostBytes)}. ` +
			`A smaller batch or model needs less.${advice}`,
		{ cause: error },
	);
}

function gigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(2)} GB`;
}
