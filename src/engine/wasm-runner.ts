import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { gateOffset, type Heap, type Runner } from './host.ts';

interface Exports {
	readonly __stack_pointer: WebAssembly.Global;
	tile_rows(): number;
	tile_columns(): number;
	run(job: number): void;
	run_together(job: number, gate: number): void;
	dismiss(gate: number): void;
}

const stackBytes = 1 << 17;

// An own instance of the module on the common memory, with an own stack; `serve` returns when dismissed.
const threadProgram = `
const { workerData: d } = require('node:worker_threads');
const { exports } = new WebAssembly.Instance(d.module, { env: { memory: d.memory } });
exports.__stack_pointer.value = d.stack;
exports.serve(d.job, d.gate, d.thread);
`;

/** Runs kernels as WebAssembly on the stock library's memory. Its threads never keep the process alive. */
export function wasmRunner(heap: Heap, job: number, threads: number): Runner {
	const { module, simd } = compile(threads > 1 ? 'kernels-threads' : 'kernels');
	const { exports } = new WebAssembly.Instance(module, { env: { memory: heap.memory } });
	const own = exports as unknown as Exports;
	const gate = job + gateOffset;
	own.__stack_pointer.value = newStack(heap);
	const workers: Worker[] = [];
	for (let thread = 1; thread < threads; thread++) {
		const workerData = { module, memory: heap.memory, stack: newStack(heap), job, gate, thread };
		// A thread that fails is missed, not fatal: the others take its units.
		const missed = (error: Error) => process.emitWarning(`a kernel thread ended: ${error.message}`);
		try {
			const worker = new Worker(threadProgram, { eval: true, workerData, execArgv: [], env: {} });
			worker.on('error', missed);
			worker.unref();
			workers.push(worker);
		} catch (error) {
			missed(error as Error);
		}
	}
	return {
		simd,
		threads,
		tileRows: own.tile_rows(),
		tileColumns: own.tile_columns(),
		run: () => own.run(job),
		runTogether: () => own.run_together(job, gate),
		close: async () => {
			if (workers.length > 0) {
				own.dismiss(gate);
				await Promise.all(workers.map((worker) => worker.terminate()));
			}
		},
	};
}

// The build with fused multiply-add where this machine's Node has relaxed SIMD. GIMLET_SIMD=simd128 takes the other one,
// for comparison.
function compile(name: string): { module: WebAssembly.Module; simd: string } {
	const read = (file: string) => readFileSync(new URL(`./kernels/${file}.wasm`, import.meta.url));
	if (process.env['GIMLET_SIMD'] !== 'simd128') {
		const bytes = read(`${name}-relaxed`);
		if (WebAssembly.validate(bytes) || validatesWithFlag(bytes)) {
			return { module: new WebAssembly.Module(bytes), simd: 'relaxed-simd' };
		}
	}
	return { module: new WebAssembly.Module(read(name)), simd: 'simd128' };
}

// Node 20 has relaxed SIMD complete, behind a flag of V8.
function validatesWithFlag(bytes: Uint8Array): boolean {
	if (!process.versions.node.startsWith('20.')) {
		return false;
	}
	setFlagsFromString('--experimental-wasm-relaxed-simd');
	return WebAssembly.validate(bytes);
}

function newStack(heap: Heap): number {
	const bottom = heap.allocate(stackBytes);
	return Math.floor((bottom + stackBytes - 16) / 16) * 16;
}
