import { EnvironmentError } from '../../core/errors.ts';
import { tf } from '../tf.ts';
import { type AdapterFacts, findAdapter, nameOf } from './dawn.ts';
import { defineGpuKernels } from './define.ts';
import { startTensorflow } from './tensorflow.ts';
import { startWebgpu, stopWebgpu } from './webgpu.ts';

/** The GPU that computes, for `meta.json`. */
export interface GpuInfo {
	/** The name that tfjs knows the backend by. */
	readonly backend: 'webgpu' | 'tensorflow';
	readonly name: string;
	/** What the adapter says of itself; `description` holds the driver. Only with WebGPU. */
	readonly adapter?: AdapterFacts & { readonly software: boolean };
}

/**
 * Starts what drives a GPU here: tfjs-node-gpu where it is installed and finds one, else WebGPU.
 *
 * @throws EnvironmentError that says what is missing.
 */
export async function startGpu(allowSoftware: boolean): Promise<GpuInfo> {
	const cuda = await startTensorflow();
	if (cuda === undefined) {
		return { backend: 'tensorflow', name: 'CUDA' };
	}
	const found = await findAdapter(allowSoftware);
	if ('missing' in found) {
		throw new EnvironmentError('engine.no_gpu', message(cuda, found.missing));
	}
	const { adapter, software } = found;
	const { vendor, architecture, device, description } = adapter.info;
	const facts = { vendor, architecture, device, description, software };
	const problem = await startWebgpu(adapter);
	if (problem !== undefined) {
		throw new EnvironmentError('engine.no_gpu', message(cuda, problem));
	}
	defineGpuKernels();
	return { backend: 'webgpu', name: nameOf(facts), adapter: facts };
}

/** Gives the GPU back, with every tensor on it. */
export async function stopGpu({ backend }: { readonly backend: string }): Promise<void> {
	if (backend === 'webgpu') {
		await stopWebgpu();
	} else if (tf.findBackend(backend) !== null) {
		tf.removeBackend(backend);
	}
}

function message(cuda: string, webgpu: string): string {
	const install = /not installed/u.test(webgpu)
		? ' Install it with "npm install --no-save webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0" (a GPU with a Vulkan driver is needed).'
		: '';
	return `device.backend = "gpu": ${webgpu}.${install} Besides, ${cuda}. "native" and "wasm" compute on the CPU.`;
}
