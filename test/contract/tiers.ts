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

/** Engines that this machine has not, and why. */
export const absent: ReadonlyArray<{ readonly backend: Tier['backend']; readonly reason: string }> = [
	...(hasNative ? [] : [{ backend: 'native' as const, reason: String(loadAddon()) }]),
	...('missing' in found ? [{ backend: 'gpu' as const, reason: found.missing }] : []),
];
