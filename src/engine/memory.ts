import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { EnvironmentError } from '../core/errors.ts';
import type { StockModule } from './stock.ts';

/** What a 32-bit memory holds, less the part that is never given out. */
const mostBytes = 2 ** 32 - 2 ** 20;

/**
 * Replaces the module's `_malloc` by one that throws where the stock library would carry on with address 0 and overwrite
 * what is there.
 */
export function guardMemory(module: StockModule): void {
	// The first call replaces the function by a faster one, and would replace ours too.
	module._free(module._malloc(1));
	const malloc = module._malloc;
	module._malloc = (bytes) => {
		// A larger number would wrap round and ask for its remainder.
		const address = bytes > mostBytes ? 0 : malloc(bytes) >>> 0;
		if (address === 0 && bytes > 0) {
			throw new OutOfMemory(bytes);
		}
		return address;
	};
}

/** Thrown by a guarded memory; `explainOutOfMemory` makes an error for people of it. */
class OutOfMemory extends Error {
	constructor(readonly bytes: number) {
		super(`no room for ${bytes} bytes in the tensor memory`);
	}
}

/** Makes the backend name the tensor for which there was no room, and what would fit. */
export function explainOutOfMemory(backend: BackendWasm, used: () => number): void {
	const move = backend.move.bind(backend);
	backend.move = (dataId, values, shape, dtype, refCount) => {
		try {
			move(dataId, values, shape, dtype, refCount);
		} catch (error) {
			throw error instanceof OutOfMemory ? explained(error, shape, dtype, used()) : error;
		}
	};
}

function explained(error: OutOfMemory, shape: readonly number[], dtype: string, used: number): EnvironmentError {
	const [first = 1] = shape;
	// Most of the memory holds activations, which grow with the batch; some room is left for what does not.
	const fits = Math.floor((first * mostBytes * 0.8) / (used + error.bytes));
	const advice = fits >= 1 && fits < first ? ` If its first axis is the batch, ${fits} would fit.` : '';
	return new EnvironmentError(
		'engine.out_of_memory',
		`out of memory: no room for a ${dtype} tensor of shape [${shape.join(', ')}], ${gigabytes(error.bytes)}; tensors hold ` +
			`${gigabytes(used)} and the memory ends at ${gigabytes(mostBytes)}. A smaller batch or model needs less.${advice}`,
		{ cause: error },
	);
}

function gigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(2)} GB`;
}
