import { createRequire } from 'node:module';
import { tf } from '../tf.ts';

const require = createRequire(import.meta.url);

/**
 * Starts `@tensorflow/tfjs-node-gpu`. Returns why it does not serve, or undefined when it runs.
 *
 * `load` is what requires the package.
 */
export async function startTensorflow(load: (name: string) => unknown = require): Promise<string | undefined> {
	const name = '@tensorflow/tfjs-node-gpu';
	try {
		require.resolve(name);
	} catch {
		if (load === require) {
			return `the package ${name} is not installed`;
		}
	}
	restoreOldUtilities();
	try {
		load(name);
	} catch (error) {
		return `${name} does not load here: ${(error as Error).message.split('\n')[0]}`;
	}
	if (tf.findBackend('tensorflow') === null) {
		return `${name} uses another copy of @tensorflow/tfjs-core than this program; install version ${tf.version_core}`;
	}
	await tf.setBackend('tensorflow');
	await tf.ready();
	const { isUsingGpuDevice } = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
	if (isUsingGpuDevice !== true) {
		tf.removeBackend('tensorflow');
		return `${name} finds no GPU with the CUDA and cuDNN versions it was built for`;
	}
	return undefined;
}

// Node 23 removed functions that the package, last released in 2024, still calls.
function restoreOldUtilities(): void {
	const util = require('node:util') as Record<string, unknown>;
	util['isArray'] ??= Array.isArray;
	util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
}
