import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One config of the kill fuzz. */
export interface KillCase {
	readonly name: string;
	/** The .gin file. */
	readonly config: string;
}

const common = `
train.dataset = 'digits'
train.metrics = ['accuracy', 'macro_f1']
train.seed = 3
train.callbacks = ['early_stopping', 'gradient_clip', 'lr_schedule', 'reduce_lr_on_plateau', 'weight_average']
train.default_callbacks = [
    'terminate_on_nan', 'progress', 'csv_logger', 'tensorboard', 'model_checkpoint', 'meta_saver', 'heartbeat',
]
digits.transforms = [@shift(), @random_crop(), @horizontal_flip(), @noise(), @cutout()]
cutout.size = 2
gradient_clip.log = True
lr_schedule.factors = [[1, 1.0], [2, 0.5], [4, 0.25]]
reduce_lr_on_plateau.monitor = 'valid/loss'
reduce_lr_on_plateau.patience = 1
early_stopping.monitor = 'valid/accuracy'
model_checkpoint.monitor = 'valid/accuracy'
model_checkpoint.every = '7 steps'
model_checkpoint.keep_every_steps = 14
tensorboard.histograms_every = '0.5 epochs'
heartbeat.interval = 0.2
csv_logger.steps_every = '3 steps'
device.threads = 1
`;

const mlp = `
train.model = 'mlp'
train.optimizer = 'adam'
train.batch_size = 32
mlp.units = [24, 16]
mlp.dropout = 0.3
adam.learning_rate = @cosine()
cosine.initial = 0.01
early_stopping.patience = 3
`;

const cnn = `
train.model = 'simple_cnn'
train.optimizer = 'momentum'
train.batch_size = 24
train.prefetch = 2
simple_cnn.filters = [4, 6]
simple_cnn.units = [12]
simple_cnn.batch_norm = True
simple_cnn.dropout = 0.2
momentum.learning_rate = @one_cycle()
one_cycle.peak = 0.05
early_stopping.patience = 2
early_stopping.min_delta = 0.02
`;

const rollback = `
import '${fileURLToPath(new URL('../test/fixtures/plugins/poison.ts', import.meta.url))}'
train.model = 'mlp'
train.optimizer = 'adam'
train.batch_size = 32
mlp.units = [12]
mlp.dropout = 0.3
digits.transforms = [@shift(), @cutout(), @poison()]
poison.probability = 0.15
early_stopping.patience = 3
training_loop.on_nan = 'rollback 99'
`;

/**
 * Writes the configs of the kill fuzz into a folder; `examples` and `epochs` set how long a run takes. With `more` there
 * is also one that goes back to its last checkpoint now and then.
 */
export function writeCases(folder: string, examples: number, epochs: number, more = false): KillCase[] {
	mkdirSync(folder, { recursive: true });
	const size = `digits.train_limit = ${examples}\ntraining_loop.n_epochs = ${epochs}\n`;
	return Object.entries({ mlp, simple_cnn: cnn, ...(more ? { rollback } : {}) }).map(([name, text]) => {
		const config = join(folder, `${name}.gin`);
		writeFileSync(config, `${common}${text}${size}`);
		return { name, config };
	});
}
