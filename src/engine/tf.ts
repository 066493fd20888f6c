import { createRequire } from 'node:module';
import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

const require = createRequire(import.meta.url);

let library: typeof tfc | undefined;

/** The tensor library. It loads when the first of its names is used, so naming it costs `--help` nothing. */
export const tf: typeof tfc = lazy(() => {
	// The layers register the gradients, without which nothing trains.
	require('@tensorflow/tfjs-layers');
	library = require('@tensorflow/tfjs-core') as typeof tfc;
	return library;
});

/** Whether the tensor library has been needed so far. */
export function isLoaded(): boolean {
	return library !== undefined;
}

/** Keras-like layers over `tf`, equally lazy. */
export const layers: typeof tfl = lazy(() => require('@tensorflow/tfjs-layers') as typeof tfl);

// CommonJS on purpose: the backends require the same instance, and a second one would have no kernels.
function lazy<T extends object>(load: () => T): T {
	let loaded: T | undefined;
	return new Proxy({} as T, {
		get(_target, name) {
			loaded ??= load();
			return Reflect.get(loaded, name);
		},
		has(_target, name) {
			loaded ??= load();
			return Reflect.has(loaded, name);
		},
	});
}
