// npm run bench -- engine [--rounds N] [--seconds S] [--threads 1,2] [--workloads cnn,mlp] [--tiers native,wasm] [--json]
// Measures the tiers of this machine, and PyTorch where it is installed, interleaved: each round runs everything once, so
// that a busy minute falls on all alike. Ratios are taken within a round, each engine at its better thread count. The
// machine's peak is the best rate of a large matrix product by our kernels or by OpenBLAS, whichever is higher.
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { UsageError } from '../src/core/errors.ts';
import { loadAddon } from '../src/engine/native-runner.ts';
import { type Measurement, type Results, summary } from './engine-report.ts';
import { flops } from './workloads.ts';

const { values } = parseArgs({
	options: {
		rounds: { type: 'string', default: '3' },
		seconds: { type: 'string', default: '1' },
		threads: { type: 'string', default: '1,2' },
		workloads: { type: 'string', default: Object.keys(flops).join(',') },
		tiers: { type: 'string', default: typeof loadAddon() === 'string' ? 'wasm' : 'native,wasm' },
		json: { type: 'boolean', default: false },
	},
});
const root = fileURLToPath(new URL('..', import.meta.url));
const threads = values.threads.split(',');
const tiers = values.tiers.split(',');
const workloads = values.workloads.split(',');
const unknown = workloads.find((name) => !(name in flops));
if (unknown !== undefined) {
	throw new UsageError('bench.workload', `no workload "${unknown}"; there is: ${Object.keys(flops).join(', ')}`);
}

// Compiled, as programs run after an installation: the time to the first step counts.
await execa('npx', ['tsx', 'scripts/build.ts'], { cwd: root, preferLocal: true });
const python = await pythonWithTorch();
const results: Results = { workloads, tiers, rounds: Number(values.rounds), measurements: [], peaks: [], imports: [] };
for (let round = 1; round <= results.rounds; round++) {
	await measurePeaks();
	for (const workload of workloads) {
		for (const count of threads) {
			// A GPU has no threads of ours: once is enough.
			for (const tier of tiers.filter((one) => one !== 'gpu' || count === threads[0])) {
				keep(round, await run('node', [`${root}build/bench/engine-step.js`, workload, tier, count, values.seconds]));
			}
			if (python !== undefined) {
				keep(round, await run(python, [`${root}bench/torch_engine.py`, workload, count, values.seconds]));
			}
		}
	}
}
console.log(
	values.json ? JSON.stringify({ ...results, ...summary(results).numbers }, null, '\t') : summary(results).text,
);

async function measurePeaks(): Promise<void> {
	const most = String(Math.max(...threads.map(Number)));
	results.peaks.push(await run('node', [`${root}build/bench/engine-step.js`, 'peak', tiers[0]!, most, values.seconds]));
	if (python !== undefined) {
		results.peaks.push(await run(python, [`${root}bench/torch_engine.py`, 'peak', most, values.seconds]));
		const begin = performance.now();
		await execa(python, ['-c', 'import torch']);
		results.imports.push(performance.now() - begin);
	}
}

async function run<T>(command: string, arguments_: string[]): Promise<T> {
	const { stdout } = await execa(command, [...arguments_, String(Date.now())]);
	return JSON.parse(stdout) as T;
}

function keep(round: number, one: Measurement): void {
	const load = loadavg()[0]!;
	results.measurements.push({ ...one, round, load });
	console.error(
		`round ${round}: ${one.workload} ${one.engine} ${one.imagesPerSecond.toFixed(0)} images/s (load ${load.toFixed(1)})`,
	);
}

async function pythonWithTorch(): Promise<string | undefined> {
	for (const candidate of ['python3', '/usr/bin/python3']) {
		const { failed } = await execa(candidate, ['-c', 'import torch'], { reject: false });
		if (!failed) {
			return candidate;
		}
	}
	console.error('bench: no python3 with torch here: no ratios (Debian: python3-torch and libopenblas0-pthread)');
	return undefined;
}
