import { loadAddon } from '../../../src/engine/native-runner.ts';

/** The tiers with own kernels that this machine has, each with one and with two threads. */
export const tiers = [
	...['wasm', ...(typeof loadAddon() === 'string' ? [] : ['native'])].flatMap((backend) =>
		[1, 2].map((threads) => ({ name: `${backend}, threads: ${threads}`, backend, threads })),
	),
];
