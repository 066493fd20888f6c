/**
 * Steps of each workload on each tier: `npm run prove:memory [-- --steps N] [--workloads mlp,cnn] [--tiers native]`. The
 * number of tensors must not change after the second step, and resident memory must not grow after the first tenth.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { flops } from '../bench/workloads.ts';
import { loadAddon } from '../src/engine/native-runner.ts';

const { values } = parseArgs({
	options: {
		steps: { type: 'string', default: '2000' },
		workloads: { type: 'string', default: Object.keys(flops).join(',') },
		tiers: { type: 'string', default: typeof loadAddon() === 'string' ? 'wasm' : 'native,wasm' },
	},
});
const root = fileURLToPath(new URL('..', import.meta.url));
// What collecting garbage leaves or takes between two looks.
const toleratedMb = 24;

let wrong = 0;
console.log('| workload | tier | steps | tensors | MB after a tenth | MB at the end |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const workload of values.workloads.split(',')) {
	for (const tier of values.tiers.split(',')) {
		const { stdout } = await execa(
			'node',
			['--import', 'tsx', 'bench/engine-memory.ts', workload, tier, values.steps],
			{
				cwd: root,
			},
		);
		const { tensors, early, late } = JSON.parse(stdout) as { tensors: number[]; early: number; late: number };
		wrong += new Set(tensors).size === 1 && late - early <= toleratedMb ? 0 : 1;
		console.log(
			`| ${workload} | ${tier} | ${values.steps} | ${[...new Set(tensors)].join(', ')} | ${early} | ${late} |`,
		);
	}
}
if (wrong > 0) {
	console.error(`${wrong} of the rows grew`);
	process.exitCode = 1;
}
