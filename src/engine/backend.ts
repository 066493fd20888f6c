import { createRequire } from 'node:module';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { type GpuInfo, startGpu, stopGpu } from './gpu/start.ts';
import { loadAddon, nativeRunner } from './native-runner.ts';
import { defineKernels } from './ops/define.ts';
import { mendGradients } from './ops/gradients.ts';
import { mendKernels } from './ops/plain.ts';
import { tf } from './tf.ts';
import { defaultThreads, startWasm, stopWasm } from './wasm-backend.ts';
import { wasmRunner } from './wasm-runner.ts';

const require = createRequire(import.meta.url);

/** The choices of `device.backend`. `auto` takes the first that works of gpu, native, wasm. */
export const backendNames = ['auto', 'gpu', 'native', 'wasm', 'cpu'] as const;

// MOST_THREADS of kernels/addon.c.
const mostThreads = 64;

export type BackendName = (typeof backendNames)[number];

/** What to start: `threads` is the number of threads a kernel may use, by default one per core. */
export interface EngineOptions {
	readonly backend?: BackendName | string;
	readonly threads?: number;
	/** Lets `gpu` run on a software adapter, which computes on the CPU: for tests. */
	readonly allowSoftware?: boolean;
}

/** What was started, for `meta.json` and the first lines of a run. */
export interface EngineInfo {
	/** The name that tfjs knows the backend by. */
	readonly backend: string;
	readonly tier: Exclude<BackendName, 'auto'>;
	readonly threads: number;
	/** The vector instructions the kernels use: `avx512`, `avx2`, `sse`, `neon`, `relaxed-simd`, `simd128`, `none`; of `gpu`, its name. */
	readonly simd: string;
	/** The version of the tensor library. */
	readonly version: string;
	/** Why this tier and no other, in a phrase. */
	readonly reason: string;
	/** What a GPU's adapter says of itself. */
	readonly adapter?: GpuInfo['adapter'];
}

let running: { readonly key: string; readonly info: EngineInfo } | undefined;

/**
 * Starts the engine that `backend` names and makes it the one tensors live on. A second call with the same options
 * returns the first one's answer; with others it stops the first engine, whose tensors are gone.
 *
 * @throws UsageError for an unknown backend or a thread count that is not a whole number from 1 to 64.
 * @throws EnvironmentError where the machine lacks what an explicitly chosen backend needs.
 */
export async function startEngine(options: EngineOptions = {}): Promise<EngineInfo> {
	const backend = checkBackend(options.backend ?? 'auto');
	const threads = checkThreads(options.threads ?? defaultThreads());
	const allowSoftware = options.allowSoftware ?? false;
	const key = `${backend} ${threads} ${allowSoftware}`;
	if (running?.key !== key) {
		await stopEngine();
		mendOnce();
		running = { key, info: await start(backend, threads, allowSoftware) };
	}
	return running.info;
}

/** Ends the engine's threads and forgets its tensors; harmless when none runs. */
export async function stopEngine(): Promise<void> {
	if (running !== undefined) {
		const { info } = running;
		running = undefined;
		if (info.tier === 'gpu') {
			await stopGpu(info);
		} else if (info.backend === 'wasm') {
			await stopWasm();
		}
	}
}

/** The running engine, or undefined before `startEngine`. */
export function engineInfo(): EngineInfo | undefined {
	return running?.info;
}

let mended = false;

function mendOnce(): void {
	if (!mended) {
		mended = true;
		mendGradients();
	}
}

function checkBackend(name: string): BackendName {
	const known = backendNames.find((candidate) => candidate === name);
	if (known === undefined) {
		throw new UsageError(
			'engine.unknown_backend',
			`device.backend: "${name}" is not a backend; allowed are ${backendNames.join(', ')}.${didYouMean(name, backendNames)}`,
		);
	}
	return known;
}

function checkThreads(threads: number): number {
	if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
		throw new UsageError(
			'engine.threads',
			`device.threads: ${threads} is not a number of threads; it must be a whole number from 1 to ${mostThreads}.`,
		);
	}
	return threads;
}

async function start(backend: BackendName, threads: number, allowSoftware: boolean): Promise<EngineInfo> {
	switch (backend) {
		case 'cpu':
			return startCpu();
		case 'gpu':
			return startOnGpu(allowSoftware, 'asked for');
		case 'native':
			return startNative(threads, 'asked for');
		case 'wasm':
			return startOnWasm(threads, 'asked for');
		default:
			return startBest(threads);
	}
}

async function startBest(threads: number): Promise<EngineInfo> {
	const addon = loadAddon();
	return typeof addon === 'string'
		? startOnWasm(threads, addon)
		: startNative(threads, 'kernels compiled for this machine');
}

async function startCpu(): Promise<EngineInfo> {
	require('@tensorflow/tfjs-backend-cpu');
	mendKernels('cpu');
	await tf.setBackend('cpu');
	await tf.ready();
	// Otherwise the first tensor prints an advertisement for another package.
	(tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
	return { backend: 'cpu', tier: 'cpu', threads: 1, simd: 'none', version: tf.version_core, reason: 'asked for' };
}

async function startOnGpu(allowSoftware: boolean, reason: string): Promise<EngineInfo> {
	const { backend, name, adapter } = await startGpu(allowSoftware);
	const version = tf.version_core;
	return { backend, tier: 'gpu', threads: 1, simd: name, version, reason, ...(adapter && { adapter }) };
}

async function startNative(threads: number, reason: string): Promise<EngineInfo> {
	const addon = loadAddon();
	if (typeof addon === 'string') {
		throw new EnvironmentError('engine.no_native', `device.backend = "native": ${addon}.`);
	}
	const runner = await startWasm(threads, false, (heap, job) => nativeRunner(addon, heap, job, threads));
	defineKernels();
	return { backend: 'wasm', tier: 'native', threads, simd: runner.simd, version: tf.version_core, reason };
}

async function startOnWasm(threads: number, reason: string): Promise<EngineInfo> {
	const runner = await startWasm(threads, threads > 1, (heap, job) => wasmRunner(heap, job, threads));
	defineKernels();
	return { backend: 'wasm', tier: 'wasm', threads, simd: runner.simd, version: tf.version_core, reason };
}
