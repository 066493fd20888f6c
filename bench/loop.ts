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
		transforms: { type: 'string', default: '' },
		prefetch: { type: 'string' },
		json: { type: 'boolean', default: false },
	},
});
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
	const { loop, bare } = JSON.parse(readFileSync(file, 'utf8')) as Record<'loop' | 'bare', number[]>;
	const ratios = loop.map((ms, i) => ms / ((bare[i]! + bare[i + 1]!) / 2));
	const result = { workload, ratios: spread(ratios), loopMs: spread(loop), bareMs: spread(bare), load };
	results.push(result);
	if (!values.json) {
		const { median, min, max } = result.ratios;
		const added = `${((median - 1) * 100).toFixed(1)} % (${((min - 1) * 100).toFixed(1)} to ${((max - 1) * 100).toFixed(1)})`;
		console.log(
			`${workload}: the loop adds ${added}; a step ${result.loopMs.median.toFixed(2)} ms, bare ${result.bareMs.median.toFixed(2)} ms; load ${load.toFixed(1)}`,
		);
	}
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
bench_data.n = ${Math.min(8192, steps * batch)}
bench_data.transforms = [${transforms.map((one) => `@${one}()`).join(', ')}]
loop_meter.workload = '${workload}'
loop_meter.block = ${block[workload]}
training_loop.n_epochs = ${Math.ceil((steps * batch) / 8192)}
training_loop.max_steps = ${steps}
device.backend = '${values.backend}'
`;
}

function spread(numbers: readonly number[]): { readonly median: number; readonly min: number; readonly max: number } {
	const sorted = [...numbers].sort((a, b) => a - b);
	return { median: sorted[sorted.length >> 1]!, min: sorted[0]!, max: sorted.at(-1)! };
}
