/**
 * Each workload of the benchmark on each tier of this machine, three runs with one thread and three with two, each in a
 * process of its own: `npm run prove:determinism [WORKLOAD]...`. All runs of a tier must end with the same weights.
 */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { flops } from '../bench/workloads.ts';
import { loadAddon } from '../src/engine/native-runner.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const named = process.argv.slice(2);
const workloads = named.length > 0 ? named : [...Object.keys(flops), 'dropout'];
const tiers = typeof loadAddon() === 'string' ? ['wasm'] : ['native', 'wasm'];

let wrong = 0;
console.log('| workload | tier | hash of the weights after 4 steps, 6 runs |');
console.log('| --- | --- | --- |');
for (const workload of workloads) {
	for (const tier of tiers) {
		const hashes = new Set<string>();
		for (const threads of ['1', '2']) {
			for (let run = 0; run < 3; run++) {
				hashes.add(await trained(workload, tier, threads));
			}
		}
		wrong += hashes.size === 1 ? 0 : 1;
		console.log(`| ${workload} | ${tier} | ${[...hashes].join(', ')} |`);
	}
}
if (wrong > 0) {
	console.error(`${wrong} of the rows have more than one hash`);
	process.exitCode = 1;
}

async function trained(workload: string, tier: string, threads: string): Promise<string> {
	const file = `${root}bench/engine-hash.ts`;
	const { stdout } = await execa('node', ['--import', 'tsx', file, workload, tier, threads], { cwd: root });
	return stdout.trim();
}
