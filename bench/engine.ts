// npm run bench -- engine [--rounds N] [--steps N] [--threads 1,2] [--workloads cnn,mlp,vae] [--tiers wasm,native,gpu] [--json]
// Measures every tier of this machine, and PyTorch where it is installed, interleaved: each round runs everything once, so
// that a busy minute falls on all alike. Ratios are taken within a round.
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { loadAddon } from '../src/engine/native-runner.ts';
import { flops } from './workloads.ts';

interface Measurement {
	readonly engine: string;
	readonly workload: string;
	readonly ms: number;
	readonly imagesPerSecond: number;
	readonly gflops: number;
	readonly firstStepMs: number;
	readonly residentMb: number;
	readonly hash: string;
	readonly round: number;
	/** The machine's load average when it began. */
	readonly load: number;
}

const { values } = parseArgs({
	options: {
		rounds: { type: 'string', default: '3' },
		steps: { type: 'string', default: '20' },
		threads: { type: 'string', default: '1,2' },
		workloads: { type: 'string', default: Object.keys(flops).join(',') },
		tiers: { type: 'string', default: typeof loadAddon() === 'string' ? 'wasm' : 'wasm,native' },
		json: { type: 'boolean', default: false },
	},
});
const folder = fileURLToPath(new URL('.', import.meta.url));
const threads = values.threads.split(',');
const workloads = values.workloads.split(',');
const python = await pythonWithTorch();
const tiers = values.tiers.split(',');

const measurements: Measurement[] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
	for (const workload of workloads) {
		for (const count of threads) {
			// A GPU has no threads of ours: once is enough.
			for (const tier of tiers.filter((one) => one !== 'gpu' || count === threads[0])) {
				await measure(round, 'node', [
					'--import',
					'tsx',
					`${folder}engine-step.ts`,
					workload,
					tier,
					count,
					values.steps,
				]);
			}
			if (python !== undefined) {
				await measure(round, python, [`${folder}torch_engine.py`, workload, count, values.steps]);
			}
		}
	}
}

if (values.json) {
	console.log(JSON.stringify(measurements, null, '\t'));
} else {
	report();
}

async function measure(round: number, command: string, arguments_: string[]): Promise<void> {
	const load = loadavg()[0]!;
	const { stdout } = await execa(command, arguments_);
	const one = { ...(JSON.parse(stdout) as Measurement), round, load };
	measurements.push(one);
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

function report(): void {
	console.log('| workload | engine-threads | images/s, median (min, max) | GFLOP/s | first step, ms | MB | weights |');
	console.log('| --- | --- | --- | --- | --- | --- | --- |');
	for (const workload of workloads) {
		for (const engine of new Set(measurements.map((one) => one.engine))) {
			const all = measurements.filter((one) => one.workload === workload && one.engine === engine);
			const speed = spread(all.map((one) => one.imagesPerSecond));
			const [gflops, first, memory] = (['gflops', 'firstStepMs', 'residentMb'] as const).map((key) =>
				median(all.map((one) => one[key])).toFixed(0),
			);
			const hashes = new Set(all.map((one) => one.hash));
			const weights = hashes.size === 1 ? [...hashes][0] : `${hashes.size} different`;
			console.log(`| ${workload} | ${engine} | ${speed} | ${gflops} | ${first} | ${memory} | ${weights} |`);
		}
	}
	if (python !== undefined) {
		ratios();
	}
}

// Each engine at its better thread count, round by round.
function ratios(): void {
	console.log(`\n| ratio to PyTorch, median (min, max) | ${workloads.join(' | ')} |`);
	console.log(`| --- | ${workloads.map(() => '---').join(' | ')} |`);
	for (const tier of tiers) {
		const cells = workloads.map((workload) => {
			const best = (engine: string, round: number) =>
				Math.max(
					...measurements
						.filter((one) => one.workload === workload && one.round === round && one.engine.startsWith(engine))
						.map((one) => one.imagesPerSecond),
				);
			const rounds = Array.from({ length: Number(values.rounds) }, (_, i) => best(tier, i + 1) / best('torch', i + 1));
			return spread(rounds, 2);
		});
		console.log(`| ${tier} | ${cells.join(' | ')} |`);
	}
}

function spread(numbers: number[], digits = 0): string {
	return `${median(numbers).toFixed(digits)} (${Math.min(...numbers).toFixed(digits)}, ${Math.max(...numbers).toFixed(digits)})`;
}

function median(numbers: number[]): number {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? Number.NaN;
}
