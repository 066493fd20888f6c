import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { tf } from './tf.ts';

const require = createRequire(import.meta.url);

/** More threads than this gain nothing on the batches a CPU trains with. */
const mostThreads = 16;

/** One thread per core, up to a sensible number. */
export function defaultThreads(): number {
	return Math.min(availableParallelism(), mostThreads);
}

/** The part of an Emscripten module that we and the stock backend use. */
export interface WasmModule {
	readonly HEAPU8: Uint8Array;
	readonly asm: Record<string, unknown>;
	_malloc(bytes: number): number;
	_free(address: number): void;
	cwrap(name: string, result: string | null, parameters: readonly string[]): (...values: number[]) => number;
	tfjs?: Record<string, (...values: number[]) => number>;
}

type Factory = (config: object) => Promise<WasmModule>;

let started: { readonly backend: BackendWasm; readonly module: WasmModule } | undefined;

/** Starts the stock wasm backend, without its console banner and without its process-wide error handlers. */
export async function startWasm(_threads: number): Promise<void> {
	const { BackendWasm: Backend, setThreadsCount } = silently(
		() => require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm'),
	);
	const module = await instantiate();
	tf.removeBackend('wasm');
	// The library's own threads are not used: their results would depend on how many there are.
	setThreadsCount(1);
	const backend = new Backend(module as never);
	tf.registerBackend('wasm', () => backend, 3);
	await tf.setBackend('wasm');
	started = { backend, module };
}

/** Releases the backend and with it every tensor. */
export async function stopWasm(): Promise<void> {
	if (started !== undefined) {
		started = undefined;
		tf.removeBackend('wasm');
	}
}

/** The running wasm backend. */
export function wasmBackend(): BackendWasm {
	if (started === undefined) {
		throw new Error('the wasm backend is not running: call startEngine first');
	}
	return started.backend;
}

async function instantiate(): Promise<WasmModule> {
	const folder = path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
	const factory = require(path.join(folder, 'tfjs-backend-wasm.js')) as Factory;
	const module = await keepingProcessListeners(() =>
		factory({ wasmBinary: readFileSync(path.join(folder, 'tfjs-backend-wasm-simd.wasm')) }),
	);
	module.tfjs = {
		init: module.cwrap('init', null, []),
		initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
		getThreadsCount: module.cwrap('get_threads_count', 'number', []),
		registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
		disposeData: module.cwrap('dispose_data', null, ['number']),
		dispose: module.cwrap('dispose', null, []),
	};
	return module;
}

// Emscripten's start-up code turns every unhandled rejection of the process into its own crash.
async function keepingProcessListeners<T>(act: () => Promise<T>): Promise<T> {
	const events = ['uncaughtException', 'unhandledRejection'] as const;
	const before = events.map((event) => new Set<unknown>(process.listeners(event as 'uncaughtException')));
	try {
		return await act();
	} finally {
		for (const [index, event] of events.entries()) {
			for (const listener of process.listeners(event as 'uncaughtException')) {
				if (!before[index]?.has(listener)) {
					process.removeListener(event, listener);
				}
			}
		}
	}
}

// Loading the library prints a banner that advertises another package.
function silently<T>(load: () => T): T {
	const { warn, log, info } = console;
	const nothing = () => {};
	Object.assign(console, { warn: nothing, log: nothing, info: nothing });
	try {
		return load();
	} finally {
		Object.assign(console, { warn, log, info });
	}
}
