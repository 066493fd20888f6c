import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** The part of the stock library's Emscripten module that it and we use. */
export interface StockModule {
	_malloc: (bytes: number) => number;
	_free(address: number): void;
	readonly asm: Record<string, unknown>;
	cwrap(name: string, result: string | null, parameters: readonly string[]): (...values: number[]) => number;
	tfjs?: Record<string, (...values: number[]) => number>;
}

export interface Stock {
	readonly module: StockModule;
	readonly memory: WebAssembly.Memory;
}

type Factory = (config: object) => Promise<StockModule>;

const pages = { initial: 256, maximum: 65536 };

/**
 * Loads the stock wasm library; `shared` asks for the build whose memory threads can share. Its own threads are never
 * started: results would depend on how many there are.
 */
export async function loadStock(shared: boolean): Promise<Stock> {
	const folder = path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
	const binary = shared ? 'tfjs-backend-wasm-threaded-simd.wasm' : 'tfjs-backend-wasm-simd.wasm';
	const script = shared ? 'tfjs-backend-wasm-threaded-simd.js' : 'tfjs-backend-wasm.js';
	const factory = require(path.join(folder, script)) as Factory;
	const wasmMemory = shared ? new WebAssembly.Memory({ ...pages, shared: true }) : undefined;
	const config = { wasmBinary: readFileSync(path.join(folder, binary)), ...(wasmMemory && { wasmMemory }) };
	const module = await keepingProcessListeners(() => withoutWorkers(() => factory(config)));
	module.tfjs = {
		init: module.cwrap('init', null, []),
		initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
		getThreadsCount: module.cwrap('get_threads_count', 'number', []),
		registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
		disposeData: module.cwrap('dispose_data', null, ['number']),
		dispose: module.cwrap('dispose', null, []),
	};
	return { module, memory: wasmMemory ?? (module.asm['memory'] as WebAssembly.Memory) };
}

/** Loads a package whose start-up prints an advertisement, without the advertisement. */
export function requireQuietly<T>(name: string): T {
	const { warn, log, info } = console;
	const nothing = () => {};
	Object.assign(console, { warn: nothing, log: nothing, info: nothing });
	try {
		return require(name) as T;
	} finally {
		Object.assign(console, { warn, log, info });
	}
}

// Emscripten's start-up code turns every unhandled rejection of the process into its own crash.
async function keepingProcessListeners<T>(act: () => Promise<T>): Promise<T> {
	const events = ['uncaughtException', 'unhandledRejection'] as const;
	const listeners = (event: string) => process.listeners(event as 'uncaughtException') as unknown[];
	const before = events.map((event) => new Set(listeners(event)));
	try {
		return await act();
	} finally {
		for (const [index, event] of events.entries()) {
			for (const listener of listeners(event)) {
				if (!before[index]?.has(listener)) {
					process.removeListener(event, listener as () => void);
				}
			}
		}
	}
}

// The threaded build starts eight workers at once, whether it is to use them or not.
async function withoutWorkers<T>(act: () => Promise<T>): Promise<T> {
	const threads = require('node:worker_threads') as { Worker: unknown };
	const { Worker } = threads;
	const globals = globalThis as { Worker?: unknown };
	const hadGlobal = 'Worker' in globals;
	const globalWorker = globals.Worker;
	threads.Worker = IdleWorker;
	try {
		return await act();
	} finally {
		threads.Worker = Worker;
		if (hadGlobal) {
			globals.Worker = globalWorker;
		} else {
			delete globals.Worker;
		}
	}
}

/** Says that it has loaded, and does nothing else. */
class IdleWorker {
	onmessage: (event: { data: { cmd: string } }) => void = () => {};
	on(): void {}
	unref(): void {}
	terminate(): void {}
	postMessage(message: { cmd: string }): void {
		if (message.cmd === 'load') {
			queueMicrotask(() => this.onmessage({ data: { cmd: 'loaded' } }));
		}
	}
}
