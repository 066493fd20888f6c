/**
 * What saving costs training: configs/cnn_mnist.gin on some of the images, a checkpoint after every second epoch. The time
 * from the end of an epoch to the last batch of the next one, with a checkpoint being written, is compared with the
 * mean of the two stretches without one beside it.
 *
 *   npm run prove:checkpoint-cost [-- --images 10000 --saves 8 --data FOLDER]
 *
 * Without prepared MNIST (bin/prepare.ts mnist) random images of its shape serve: the time of a step is the same.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { MeteredEpoch } from './checkpoint-meter.ts';

const { values } = parseArgs({
	options: {
		images: { type: 'string', default: '10000' },
		saves: { type: 'string', default: '8' },
		data: { type: 'string', default: process.env['DATA_DIR'] ?? fileURLToPath(new URL('../data', import.meta.url)) },
	},
});
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gimlet-checkpoint-'));
const isReal = existsSync(join(values.data, 'mnist'));
const images = Number(values.images);
const config = join(folder, 'cost.gin');
writeFileSync(
	config,
	`
include '${join(root, 'configs', 'cnn_mnist.gin')}'
${isReal ? (images < 55_000 ? `mnist.train_limit = ${images}` : '') : `train.dataset = 'blobs'\nblobs.shape = [28, 28, 1]\nblobs.classes = 10\nblobs.n = ${Math.round(images / 0.8)}\nblobs.valid_fraction = 0.1\nblobs.test_fraction = 0.1`}
train.callbacks = ['checkpoint_meter']
model_checkpoint.every = '2 epochs'
model_checkpoint.monitor = 'train/loss'
model_checkpoint.min_delta = 1000
training_loop.n_epochs = ${2 * Number(values.saves) + 2}
training_loop.limit_evaluation_batches = 1
`,
);
const file = join(folder, 'meter.json');
const load = loadavg()[0]!;
const run = [join(folder, 'run'), config, '--plugin', join(root, 'scripts', 'checkpoint-meter.ts'), '--allow-unused'];
await execa(join(root, 'bin', 'train.ts'), run, { env: { GIMLET_METER: file, DATA_DIR: values.data } });
const epochs = JSON.parse(readFileSync(file, 'utf8')) as MeteredEpoch[];
const bytes = readFileSync(join(folder, 'run', 'checkpoints', 'last', 'weights.safetensors')).length * 3;
rmSync(folder, { recursive: true });

// The first stretch begins at the end of the first epoch, where nothing is saved; the second where the first save begins.
const withSave = epochs.map((_, i) => i).filter((i) => i % 2 === 1 && i + 1 < epochs.length);
const more = (of: keyof MeteredEpoch) =>
	withSave.map((i) => epochs[i]![of] - (epochs[i - 1]![of] + epochs[i + 1]![of]) / 2);
const usual = (of: keyof MeteredEpoch) => median(epochs.filter((_, i) => i % 2 === 0).map((epoch) => epoch[of]));
const [lost, still, processor] = [more('lastBatch'), more('firstBatch'), more('processor')];
const resident = epochs.map(({ resident: size }) => size / 2 ** 20);
console.log(
	[
		`${isReal ? 'MNIST' : 'random images of 28 × 28'}, ${images} of them, ${(bytes / 1e6).toFixed(2)} MB a checkpoint, ${lost.length} saves, load ${load.toFixed(1)}`,
		`an epoch ${usual('lastBatch').toFixed(0)} ms; lost per save ${spread(lost)} ms, ${((100 * median(lost)) / usual('lastBatch')).toFixed(2)} % of an epoch`,
		`processor time of an epoch ${usual('processor').toFixed(0)} ms; of a save ${spread(processor)} ms, ${((100 * median(processor)) / usual('processor')).toFixed(2)} %`,
		`training stands still for ${spread(still)} ms of it`,
		`resident memory ${resident[2]?.toFixed(0)} MiB after 3 epochs, ${resident.at(-1)!.toFixed(0)} MiB at the end`,
	].join('\n'),
);

function median(numbers: readonly number[]): number {
	return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

/** `12 (8 to 31)` */
function spread(numbers: readonly number[]): string {
	return `${median(numbers).toFixed(1)} (${Math.min(...numbers).toFixed(1)} to ${Math.max(...numbers).toFixed(1)})`;
}
