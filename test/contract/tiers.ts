import { createRequire } from 'node:module';
import { startEngine, stopEngine } from '../../src/engine/backend.ts';
import { findAdapter } from '../../src/engine/gpu/dawn.ts';
import { loadAddon } from '../../src/engine/native-runner.ts';

/** An engine that the contract is held against. */
export interface Tier {
	/** As it reads in a test's title. */
	readonly name: string;
	/** The value of `device.backend`, and a column of the table. */
	readonly backend: 'cpu' | 'wasm' | 'native' | 'gpu';
	readonly threads: number;
	/** A GPU without hardware is played by SwiftShader, which is slow. */
	readonly allowSoftware?: boolean;
	readonly slow?: boolean;
	/** Narrower vectors than the machine's. */
	readonly simd?: string;
}

const hasNative = typeof loadAddon() !== 'string';
const found = await findAdapter(true);
const gpu = 'missing' in found ? undefined : found;

/** The engines that this machine has. */
export const tiers: readonly Tier[] = [
	{ name: 'cpu', backend: 'cpu', threads: 1 },
	...(['wasm', ...(hasNative ? ['native' as const] : [])] as const).flatMap((backend) =>
		[1, 2].map((threads) => ({ name: `${backend}, threads: ${threads}`, backend, threads })),
	),
	...(gpu === undefined
		? []
		: [
				{
					name: gpu.software ? 'gpu, a software adapter' : 'gpu',
					backend: 'gpu' as const,
					threads: 1,
					allowSoftware: true,
					slow: gpu.software,
				},
			]),
];

/** The kernels compiled for narrower vectors, of those that this machine can run. */
export const narrower: readonly Tier[] = [
	{ backend: 'wasm' as const, simd: 'simd128' },
	...(hasNative ? ['sse', 'avx2'].filter(isNarrower).map((simd) => ({ backend: 'native' as const, simd })) : []),
].map((tier) => ({ ...tier, name: `${tier.backend}, ${tier.simd}`, threads: 1 }));

let last: Tier | undefined;

/** Starts an engine with the vectors that the tier names, if it does not run already. */
export async function startTier(tier: Tier): Promise<void> {
	const { backend, threads, allowSoftware = false, simd } = tier;
	if (last !== tier) {
		await stopEngine();
	}
	last = tier;
	const restore = wantVectors(simd);
	const info = await startEngine({ backend, threads, allowSoftware });
	restore();
	if (simd !== undefined && info.simd !== simd) {
		throw new Error(`${info.simd} was started, not ${simd}`);
	}
}

function isNarrower(simd: string): boolean {
	const widest = loadAddon() as { simd: string };
	const restore = wantVectors(simd);
	const chosen = loadAddon() as { simd: string };
	restore();
	return chosen.simd === simd && widest.simd !== simd;
}

// The addon chooses its vectors when it loads.
function wantVectors(simd: string | undefined): () => void {
	const before = process.env['GIMLET_SIMD'];
	const change = (wanted: string | undefined) => {
		if (wanted === undefined) {
			delete process.env['GIMLET_SIMD'];
		} else {
			process.env['GIMLET_SIMD'] = wanted;
		}
		const loaded = createRequire(import.meta.url).cache;
		for (const path of Object.keys(loaded).filter((one) => one.endsWith('kernels.node'))) {
			delete loaded[path];
		}
	};
	change(simd);
	return () => change(before);
}

/** Engines that this machine has not, and why. */
export const absent: ReadonlyArray<{ readonly backend: Tier['backend']; readonly reason: string }> = [
	...(hasNative ? [] : [{ backend: 'native' as const, reason: String(loadAddon()) }]),
	...('missing' in found ? [{ backend: 'gpu' as const, reason: found.missing }] : []),
];
