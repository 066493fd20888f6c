// npm run bench -- loop [--workloads cnn,mlp,vae] [--rounds N] [--blocks N] [--backend auto] [--transforms a,b] [--prefetch N]
// What the training loop adds to the bare step: bin/train.ts with its default callbacks, and between blocks of its steps,
// in the same process, blocks of the bare step. A ratio is that of a block to the mean of the two bare ones around it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { batch } from './workloads.ts';

const { values } = parseArgs({
	options: {
		workloads: { type: 'string', default: 'cnn,mlp,vae' },
		rounds: { type: 'string', default: '1' },
		blocks: { type: 'string', default: '16' },
		backend: { type: 'string', default: 'auto' },
		threads: { type: 'string', default: 'None' },
		transforms: { type: 'string', default: '' },
		prefetch: { type: 'string' },
		json: { type: 'boolean', default: false },
	},
});
// About as many as MNIST has to train with, in whole batches: what an epoch's end costs is not the loop's.
const mostExamples = 429 * batch;
// Steps of a block: long enough for the clock, short enough for the load of the machine to be that of its neighbours.
const block = { cnn: 4, mlp: 40, vae: 16 } as const;
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gimlet-loop-'));
const results: object[] = [];

for (let round = 1; round <= Number(values.rounds); round += 1) {
	for (const workload of values.workloads.split(',') as Array<keyof typeof block>) {
		await measure(workload, `${workload}-${round}`);
	}
}
rmSync(folder, { recursive: true });
if (values.json) {
	console.log(JSON.stringify(results));
}

async function measure(workload: keyof typeof block, id: string): Promise<void> {
	const config = join(folder, `${id}.gin`);
	writeFileSync(config, configOf(workload));
	const file = join(folder, `${id}.json`);
	const plugin = join(root, 'bench', 'loop-meter.ts');
	const load = loadavg()[0]!;
	await execa(join(root, 'bin', 'train.ts'), [join(folder, id), config, '--plugin', plugin], {
		env: { GIMLET_LOOP: file },
	});
	const { loop, bare } = JSON.parse(readFileSync(file, 'utf8')) as Record<'loop' | 'bare', Cost[]>;
	const ratios = (of: keyof Cost) => spread(loop.map((cost, i) => cost[of] / ((bare[i]![of] + bare[i + 1]![of]) / 2)));
	const result = {
		workload,
		time: ratios('ms'),
		processor: ratios('cpuMs'),
		loopMs: spread(loop.map(({ ms }) => ms)),
		bareMs: spread(bare.map(({ ms }) => ms)),
		load,
	};
	results.push(result);
	if (!values.json) {
		const steps = `a step ${result.loopMs.median.toFixed(2)} ms, bare ${result.bareMs.median.toFixed(2)} ms`;
		console.log(
			`${workload}: the loop adds ${percent(result.time)} of time, ${percent(result.processor)} of processor time; ${steps}; load ${load.toFixed(1)}`,
		);
	}
}

interface Cost {
	readonly ms: number;
	readonly cpuMs: number;
}

/** `1.2 % (0.8 to 2.1)` */
function percent({ median, min, max }: ReturnType<typeof spread>): string {
	const [a, b, c] = [median, min, max].map((ratio) => ((ratio - 1) * 100).toFixed(1));
	return `${a} % (${b} to ${c})`;
}

function configOf(workload: keyof typeof block): string {
	const steps = block[workload] * (Number(values.blocks) + 2);
	const transforms = values.transforms === '' ? [] : values.transforms.split(',');
	return `
train.model = 'bench_model'
train.dataset = 'bench_data'
train.metrics = ${workload === 'vae' ? "['mean_squared_error']" : "['accuracy']"}
train.callbacks = ['loop_meter']
train.batch_size = ${batch}
${values.prefetch === undefined ? '' : `train.prefetch = ${values.prefetch}`}
bench_model.workload = '${workload}'
bench_data.workload = '${workload}'
bench_data.n = ${Math.min(mostExamples, steps * batch)}
bench_data.transforms = [${transforms.map((one) => `@${one}()`).join(', ')}]
loop_meter.workload = '${workload}'
loop_meter.block = ${block[workload]}
training_loop.n_epochs = ${Math.ceil((steps * batch) / mostExamples)}
training_loop.max_steps = ${steps}
device.backend = '${values.backend}'
device.threads = ${values.threads}
`;
}

function spread(numbers: readonly number[]): { readonly median: number; readonly min: number; readonly max: number } {
	const sorted = [...numbers].sort((a, b) => a - b);
	return { median: sorted[sorted.length >> 1]!, min: sorted[0]!, max: sorted.at(-1)! };
}
