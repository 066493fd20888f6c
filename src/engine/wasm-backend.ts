import { availableParallelism } from 'node:os';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { UsageError } from '../core/errors.ts';
import { type Heap, Host, jobBytes, type Runner } from './host.ts';
import { explainOutOfMemory, guardMemory } from './memory.ts';
import { loadStock, requireQuietly } from './stock.ts';
import { tf } from './tf.ts';

/** More threads than this gain nothing on the batches a CPU trains with. */
const mostThreads = 16;

/**
 * One thread per core, up to a sensible number; fewer where OMP_NUM_THREADS says so, as to any library that computes.
 * Throws a UsageError where that is no number of threads.
 */
export function defaultThreads(): number {
	return Math.min(toldThreads() ?? availableParallelism(), mostThreads);
}

function toldThreads(): number | undefined {
	const text = process.env['OMP_NUM_THREADS'] ?? '';
	// A list has one number for each level of nested parallelism.
	const outermost = text.split(',')[0]!.trim();
	if (outermost === '') {
		return undefined;
	}
	if (!/^[1-9]\d*$/u.test(outermost)) {
		throw new UsageError(
			'engine.threads',
			`OMP_NUM_THREADS: "${text}" is not a number of threads; it must be a whole number from 1, or not be set.`,
		);
	}
	return Number(outermost);
}

/** Makes the runner of a tier for a memory and the address of its job. */
export type MakeRunner = (heap: Heap, job: number, threads: number) => Runner;

let started: { readonly backend: BackendWasm; readonly host: Host } | undefined;

/** Starts the stock wasm backend on a memory where `makeRunner`'s kernels run too. */
export async function startWasm(threads: number, shared: boolean, makeRunner: MakeRunner): Promise<Runner> {
	const { BackendWasm: Backend, setThreadsCount } = requireQuietly<typeof import('@tensorflow/tfjs-backend-wasm')>(
		'@tensorflow/tfjs-backend-wasm',
	);
	const { module, memory } = await loadStock(shared);
	guardMemory(module);
	const heap: Heap = {
		memory,
		allocate: (bytes) => module._malloc(bytes),
		free: (address) => module._free(address),
	};
	const job = heap.allocate(jobBytes);
	new Uint8Array(memory.buffer, job, jobBytes).fill(0);
	const host = new Host(heap, job, makeRunner(heap, job, threads));
	if (tf.findBackendFactory('wasm') !== null) {
		tf.removeBackend('wasm');
	}
	setThreadsCount(1);
	const backend = new Backend(module as never);
	explainOutOfMemory(backend);
	tf.registerBackend('wasm', () => backend, 3);
	await tf.setBackend('wasm');
	started = { backend, host };
	return host.runner;
}

/** Ends the threads and releases the backend with every tensor on it. */
export async function stopWasm(): Promise<void> {
	if (started !== undefined) {
		const { host } = started;
		started = undefined;
		tf.removeBackend('wasm');
		await host.close();
	}
}

/** The running wasm backend. */
export function wasmBackend(): BackendWasm {
	return running().backend;
}

/** What calls the kernels of the running tier. */
export function host(): Host {
	return running().host;
}

/** Whether the kernels of the wasm and native tiers are at hand. */
export function hasKernels(): boolean {
	return started !== undefined && tf.getBackend() === 'wasm';
}

function running(): NonNullable<typeof started> {
	if (started === undefined) {
		throw new Error('no engine with kernels is running: call startEngine first');
	}
	return started;
}
