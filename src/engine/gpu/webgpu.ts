import { createRequire } from 'node:module';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { EnvironmentError } from '../../core/errors.ts';
import { tf } from '../tf.ts';
import { type Adapter, type Device, type GpuBuffer, nameOf } from './dawn.ts';
import { allowEmpty } from './empty.ts';
import { guard } from './failures.ts';
import { keepNaN, type Program } from './nan.ts';

const require = createRequire(import.meta.url);

/** What the engine uses of the stock backend, much of it private there: hence the pinned version. */
export interface WebgpuBackend {
	readonly device: Device;
	readonly queue: Device['queue'];
	readonly tensorMap: { get(dataId: object): TensorData; has(dataId: object): boolean };
	readonly bufferManager: {
		readonly numBytesUsed: number;
		acquireBuffer(size: number, usage: number): GpuBuffer;
	};
	commandEncoder: { beginComputePass(descriptor: object): ComputePass } | null;
	computePassEncoder: ComputePass | null;
	commandQueueOwnedIds: WeakSet<object>;
	uniformPendingDisposal: GpuBuffer[];
	dispatchCountInPass: number;
	ensureCommandEncoderReady(): void;
	endComputePassEncoder(): void;
	submitQueue(): void;
	uploadToGPU(dataId: object): void;
	makeTensorInfo(shape: number[], dtype: string, values?: ArrayLike<number>): TensorInfo;
	disposeData(dataId: object): boolean;
	incRef(dataId: object): void;
	refCount(dataId: object): number;
	read(dataId: object): Promise<unknown>;
	readSync(dataId: object): unknown;
	runWebGPUProgram(program: Program, ...rest: unknown[]): TensorInfo;
	convertAndCacheOnCPU(dataId: object, data: unknown): unknown;
	createTensorFromGPUData(
		data: { buffer: GpuBuffer },
		shape: number[],
		dtype: string,
	): import('@tensorflow/tfjs-core').Tensor;
}

export interface TensorData {
	readonly dtype: string;
	readonly shape: number[];
	resource?: GpuBuffer | null;
	values?: unknown;
}

interface ComputePass {
	setPipeline(pipeline: object): void;
	setBindGroup(index: number, group: object): void;
	dispatchWorkgroups(x: number, y: number, z: number): void;
}

interface Package {
	readonly WebGPUBackend: new (device: Device, info: object) => WebgpuBackend;
}

/** Dispatches collected before they are handed to the driver together. */
const dispatchesPerSubmit = 32;

let running: WebgpuBackend | undefined;

/** Starts the stock WebGPU backend on the adapter, with our kernels. Returns why it could not, or undefined. */
export async function startWebgpu(adapter: Adapter): Promise<string | undefined> {
	let stock: Package;
	try {
		stock = require('@tensorflow/tfjs-backend-webgpu') as Package;
	} catch {
		return 'the package @tensorflow/tfjs-backend-webgpu is not installed';
	}
	const device = await requestDevice(adapter);
	if (typeof device === 'string') {
		return device;
	}
	// Small tensors would be computed in JavaScript or on the GPU depending on where they happen to lie.
	tf.env().set('WEBGPU_CPU_FORWARD', false);
	tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', dispatchesPerSubmit);
	const backend = withNavigator(() => new stock.WebGPUBackend(device, adapter.info));
	// Weights and slots change in place: a copy on the host would soon be wrong.
	backend.convertAndCacheOnCPU = (_dataId, data) => data;
	backend.readSync = (dataId) => readHeld(backend, dataId);
	guard(backend);
	allowEmpty(backend);
	keepNaN(backend);
	if (tf.findBackendFactory('webgpu') !== null) {
		tf.removeBackend('webgpu');
	}
	tf.registerBackend('webgpu', () => backend as never);
	await tf.setBackend('webgpu');
	await tf.ready();
	running = backend;
	return undefined;
}

/** Releases the device, which would otherwise keep the process alive while work is pending. */
export async function stopWebgpu(): Promise<void> {
	const backend = running;
	running = undefined;
	if (backend !== undefined) {
		tf.removeBackend('webgpu');
		backend.device.destroy();
		await backend.device.lost;
	}
}

/** The running backend. */
export function webgpu(): WebgpuBackend {
	if (running === undefined) {
		throw new Error('no WebGPU engine is running: call startEngine first');
	}
	return running;
}

/** Whether tensors live on WebGPU, where our kernels are at hand. */
export function onWebgpu(): boolean {
	return running !== undefined && tf.getBackend() === 'webgpu';
}

async function requestDevice(adapter: Adapter): Promise<Device | string> {
	try {
		return await adapter.requestDevice({
			requiredFeatures: ['timestamp-query'].filter((feature) => adapter.features.has(feature)),
			requiredLimits: limitsOf(adapter),
		});
	} catch (error) {
		return `${nameOf(adapter.info)} gives no device: ${(error as Error).message}`;
	}
}

// As much as the adapter has of what large tensors need.
function limitsOf({ limits }: Adapter): { [name: string]: number } {
	const names = [
		'maxComputeWorkgroupStorageSize',
		'maxComputeWorkgroupsPerDimension',
		'maxComputeInvocationsPerWorkgroup',
		'maxComputeWorkgroupSizeX',
		'maxStorageBufferBindingSize',
		'maxStorageBuffersPerShaderStage',
		'maxBufferSize',
	];
	return Object.fromEntries(names.map((name) => [name, limits[name]!]));
}

// The backend's constructor wants to see that it is in a browser.
function withNavigator<T>(act: () => T): T {
	const known = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
	Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
	try {
		return act();
	} finally {
		delete (globalThis as { navigator?: unknown }).navigator;
		if (known !== undefined) {
			Object.defineProperty(globalThis, 'navigator', known);
		}
	}
}

function readHeld(backend: WebgpuBackend, dataId: object): unknown {
	const { values, shape, dtype } = backend.tensorMap.get(dataId);
	if (values === undefined || values === null) {
		throw new EnvironmentError(
			'engine.synchronous_read',
			`a ${dtype} tensor of shape [${shape.join(', ')}] is on the GPU, which cannot be asked synchronously: use "await tensor.data()" in place of dataSync or arraySync.`,
		);
	}
	return values;
}
