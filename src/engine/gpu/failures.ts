import { EnvironmentError } from '../../core/errors.ts';
import type { WebgpuBackend } from './webgpu.ts';

/**
 * Makes an error with exit code 4 of what a GPU reports late or never: a lost device, memory that ran out, a rejected
 * command. Results of a failed command are undefined, so nothing is read once one has failed.
 */
export function guard(backend: WebgpuBackend): void {
	let failure: EnvironmentError | undefined;
	const { device } = backend;
	device.lost.then(({ reason, message }) => {
		if (reason !== 'destroyed') {
			failure ??= lost(message);
		}
	});
	device.addEventListener?.('uncapturederror', ({ error }) => {
		failure ??= /memory/iu.test(error.message) ? exhausted(backend, error.message) : rejected(error.message);
	});
	const { read, uploadToGPU } = backend;
	backend.read = async (dataId) => {
		try {
			const values = await read.call(backend, dataId);
			if (failure === undefined) {
				return values;
			}
		} catch (error) {
			// The loss of the device is reported a moment after the read that it ended.
			await new Promise((resolve) => setTimeout(resolve, 10));
			failure ??= rejected((error as Error).message);
		}
		throw failure;
	};
	backend.uploadToGPU = (dataId) => {
		const { shape, dtype, resource } = backend.tensorMap.get(dataId);
		if (resource === undefined || resource === null) {
			const bytes = shape.reduce((product, length) => product * length, 4);
			const most = Math.min(device.limits['maxBufferSize']!, device.limits['maxStorageBufferBindingSize']!);
			if (bytes > most) {
				throw tooLarge(shape, dtype, bytes, most);
			}
		}
		if (failure !== undefined) {
			throw failure;
		}
		uploadToGPU.call(backend, dataId);
	};
}

function lost(message: string): EnvironmentError {
	return new EnvironmentError(
		'engine.gpu_lost',
		`the GPU was lost (${firstLine(message)}): its driver was reset, or one kernel took too long. Run the same command again to ` +
			'continue from the last checkpoint; if it happens again, use a smaller batch.',
	);
}

function exhausted(backend: WebgpuBackend, message: string): EnvironmentError {
	return new EnvironmentError(
		'engine.out_of_memory',
		`out of memory on the GPU: tensors hold ${gigabytes(backend.bufferManager.numBytesUsed)} there (${firstLine(message)}). A ` +
			'smaller batch or model needs less; another program may be using the same GPU.',
	);
}

function tooLarge(shape: readonly number[], dtype: string, bytes: number, most: number): EnvironmentError {
	const [first = 1] = shape;
	const fits = Math.floor((first * most) / bytes);
	const advice = fits >= 1 ? ` If its first axis is the batch, ${fits} would fit.` : '';
	return new EnvironmentError(
		'engine.out_of_memory',
		`out of memory: no room for a ${dtype} tensor of shape [${shape.join(', ')}], ${gigabytes(bytes)}; this GPU takes ` +
			`${gigabytes(most)} in one piece.${advice}`,
	);
}

function rejected(message: string): EnvironmentError {
	return new EnvironmentError('engine.gpu_failed', `the GPU refused a command: ${firstLine(message)}.`);
}

function firstLine(message: string): string {
	return message.trim().split('\n')[0]!.replace(/\.$/u, '');
}

function gigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(2)} GB`;
}
