import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Heap, Runner } from './host.ts';
import { sourceHash } from './kernels/source-hash.mjs';

const require = createRequire(import.meta.url);

interface Addon {
	/** The fingerprint of the source it was built from. */
	readonly source: string;
	readonly simd: string;
	readonly tileRows: number;
	readonly tileColumns: number;
	useMemory(bytes: Uint8Array): void;
	open(job: number, threads: number): void;
	run(): void;
	runTogether(): void;
	close(): void;
}

const addonPath = fileURLToPath(new URL('../../build/native/kernels.node', import.meta.url));

/** The compiled kernels, or why there are none; `source` is the fingerprint they must have. */
export function loadAddon(source = sourceHash()): Addon | string {
	if (!existsSync(addonPath)) {
		return 'the kernels have not been compiled for this machine (npm run build:native does it, given a C compiler)';
	}
	try {
		const addon = require(addonPath) as Addon;
		return addon.source === source
			? addon
			: 'the kernels were compiled from another version of their source (npm run build:native compiles them again)';
	} catch (error) {
		return `build/native/kernels.node does not load: ${(error as Error).message}`;
	}
}

/** Runs kernels compiled for this machine on the stock library's memory. */
export function nativeRunner(addon: Addon, heap: Heap, job: number, threads: number): Runner {
	let buffer: ArrayBuffer | undefined;
	const follow = () => {
		if (heap.memory.buffer !== buffer) {
			buffer = heap.memory.buffer;
			addon.useMemory(new Uint8Array(buffer));
		}
	};
	follow();
	addon.open(job, threads);
	return {
		simd: addon.simd,
		threads,
		tileRows: addon.tileRows,
		tileColumns: addon.tileColumns,
		run: () => {
			follow();
			addon.run();
		},
		runTogether: () => {
			follow();
			addon.runTogether();
		},
		close: () => addon.close(),
	};
}
